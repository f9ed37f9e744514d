import { Presets, SingleBar } from 'cli-progress';
import type { ProgressListener } from '../../jobs/index.ts';
import { duration } from './format.ts';

/** On a terminal the bar moves; elsewhere (a log file) a line every ten seconds says where the work is. */
const lineEveryMs = 10_000;

type Output = { write(text: string): unknown; readonly isTTY?: boolean };

/** Shows the progress of long work on `stderr`: a bar on a terminal, a line every ten seconds elsewhere. */
export function createProgressDisplay(stderr: Output): ProgressListener & { stop(): void } {
  return stderr.isTTY === true ? terminalDisplay(stderr) : lineDisplay(stderr);
}

function terminalDisplay(stderr: Output): ProgressListener & { stop(): void } {
  let bar: SingleBar | null = null;
  let current = '';
  const stop = (): void => {
    bar?.stop();
    bar = null;
    current = '';
  };
  const display = (step: Parameters<ProgressListener>[0]): void => {
    if (step.label !== current) {
      stop();
      current = step.label;
      bar = new SingleBar(
        {
          format:
            step.total === null
              ? `${step.label} {value} ${step.unit}, {rate}`
              : `${step.label} [{bar}] {value}/{total} ${step.unit}, {rate}, {left} left`,
          stream: stderr as NodeJS.WritableStream,
          hideCursor: true,
          clearOnComplete: true,
          gracefulExit: false,
        },
        Presets.shades_classic,
      );
      bar.start(step.total ?? step.done, step.done, rateOf(step));
    }
    bar?.setTotal(step.total ?? step.done);
    bar?.update(step.done, rateOf(step));
    if (step.total !== null && step.done >= step.total) stop();
  };
  return Object.assign(display, { stop });
}

function lineDisplay(stderr: Output): ProgressListener & { stop(): void } {
  let lastLineAt = performance.now();
  const display = (step: Parameters<ProgressListener>[0]): void => {
    const now = performance.now();
    if (now - lastLineAt < lineEveryMs) return;
    lastLineAt = now;
    const { rate, left } = rateOf(step);
    const [of, rest] = step.total === null ? ['', ''] : [`/${step.total}`, `, ${left} left`];
    stderr.write(`${step.label}: ${step.done}${of} ${step.unit}, ${rate}${rest}\n`);
  };
  return Object.assign(display, { stop: () => undefined });
}

function rateOf(step: Parameters<ProgressListener>[0]): { rate: string; left: string } {
  const fresh = step.done - step.resumedAt;
  if (fresh <= 0 || step.seconds <= 0) return { rate: '–', left: '–' };
  const perSecond = fresh / step.seconds;
  return {
    rate: `${perSecond >= 10 ? Math.round(perSecond) : perSecond.toPrecision(2)} ${step.unit}/s`,
    left: step.total === null ? '–' : duration((step.total - step.done) / perSecond),
  };
}
