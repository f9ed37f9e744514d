import { expect, test } from 'vitest';
import { watch } from './watch.ts';
import type { WatchReport } from './watcher.ts';

const report = (steps: number): WatchReport => ({
  ...{ dir: '/r', checkpoints: [], waiting: [], alerts: [], failures: [], steps },
});

/** Watches through looks that come to this, and ends; what it returned, what it reported and what it noted. */
async function through(
  looks: readonly (WatchReport | Error)[],
): Promise<{ last: WatchReport | null; looked: number[]; noted: string[] }> {
  const interruption = new AbortController();
  const left = [...looks];
  const [looked, noted]: [number[], string[]] = [[], []];
  const last = await watch(
    {
      look: () => {
        const next = left.shift();
        if (left.length === 0) interruption.abort();
        return next instanceof Error ? Promise.reject(next) : Promise.resolve(next ?? report(0));
      },
    },
    {
      ...{ pollMs: 0, signal: interruption.signal },
      onLook: ({ steps }) => void looked.push(steps),
      note: (text) => void noted.push(text),
      explain: (error) => (error instanceof Error ? error.message : ''),
    },
  );
  return { last, looked, noted };
}

test('a look that fails is noted, once until it fails otherwise, and the next one tries again', async () => {
  const [cut, full] = [new Error('cut off'), new Error('disk full')];
  expect(await through([report(1), cut, cut, full, report(2), full, report(3)])).toEqual({
    ...{ last: report(3), looked: [1, 2, 3] },
    noted: ['cut off', 'disk full', 'disk full'].map(
      (reason) => `a look failed: ${reason}; tried again at the next one`,
    ),
  });
});

test('what the first look throws ends it', async () => {
  await expect(through([new Error('no probe `q`'), report(1)])).rejects.toThrow('no probe `q`');
});

test('a look that the signal interrupts is given up', async () => {
  expect(await through([report(1), new Error('interrupted')])).toEqual({
    ...{ last: report(1), looked: [1], noted: [] },
  });
});
