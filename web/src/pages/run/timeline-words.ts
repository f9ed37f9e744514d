/** A timeline in words and in rows. */
import type { ChartTable, ReadablePoint } from '../../charts/index.ts';
import { count, interval, points, signedPoints, withinRun } from '../../format/index.ts';
import type { ForecastDot, MeasuredDot, ProbedDot, TimelineModel } from './timeline-model.ts';

/** The text alternative: where the task stands, and what else is drawn. */
export function summaryOf(model: TimelineModel): string {
  const { measured, probed, fitted, forecasts } = model;
  const first = measured[0];
  const last = measured.at(-1);
  const parts = [
    first === undefined || last === undefined
      ? 'Nothing was measured.'
      : `Measured at ${measured.length} checkpoints, from ${points(first.of.accuracy)} at ${withinRun(first.of.checkpoint)} to ${points(last.of.accuracy)} at ${withinRun(last.of.checkpoint)}.`,
  ];
  const spoken = probed.at(-1);
  if (spoken !== undefined) {
    parts.push(
      `A probe predicts ${points(spoken.of.predicted)}, ${interval(spoken.of.low, spoken.of.high)}, at ${withinRun(spoken.of.checkpoint)}.`,
    );
  }
  if (fitted.length > 0)
    parts.push(
      `Probes learned from ${new Set(fitted.map(({ of }) => of.checkpoint)).size} of the checkpoints.`,
    );
  if (forecasts.length > 0) parts.push(`${forecasts.length} frozen forecasts.`);
  return parts.join(' ');
}

export function readablePoints(model: TimelineModel): ReadablePoint[] {
  return [
    ...model.measured.map((dot) => ({
      x: dot.x,
      y: dot.y,
      series: 'measured',
      text: measuredText(dot),
    })),
    ...[...model.probed, ...model.fitted].map((dot) => ({
      x: dot.x,
      y: dot.y,
      series: `probe ${dot.probeId}`,
      text: probedText(dot),
    })),
    ...model.forecasts.map((dot) => ({
      x: dot.x,
      y: dot.y,
      series: 'forecast',
      text: forecastText(dot),
    })),
  ];
}

/** As it is exported: shares in points. */
export function timelineTable(model: TimelineModel): ChartTable {
  const { suite, task } = model;
  return {
    columns: [
      'suite',
      'task',
      'kind',
      'source',
      'checkpoint',
      'step',
      'tokens',
      'flops',
      'value',
      'low',
      'high',
    ],
    rows: [
      ...model.measured.map(({ of, at, y, low, high }) => [
        suite,
        task,
        'measured',
        of.source,
        of.checkpoint,
        at.step,
        at.tokens,
        at.flops,
        y,
        low,
        high,
      ]),
      ...[...model.probed, ...model.fitted].map(({ of, at, y, low, high, probe }) => [
        suite,
        task,
        of.fitted ? 'fitted' : 'predicted',
        probe,
        of.checkpoint,
        at.step,
        at.tokens,
        at.flops,
        y,
        low,
        high,
      ]),
      ...model.forecasts.map(({ of, y, low, high }) => [
        suite,
        task,
        'forecast',
        of.id,
        of.targetCheckpoint,
        null,
        null,
        of.targetFlops,
        y,
        low,
        high,
      ]),
    ],
  };
}

function measuredText({ of }: MeasuredDot): string {
  const error = of.standardError === null ? '' : ` ± ${points(of.standardError)}`;
  const answers = of.samples > 0 ? `, ${count(of.samples)} answers` : '';
  return `${withinRun(of.checkpoint)}\nmeasured ${points(of.accuracy)}${error}${answers}`;
}

function probedText({ of, probe }: ProbedDot): string {
  if (of.fitted) {
    return `${withinRun(of.checkpoint)}\nfitted ${points(of.predicted)} by ${probe}, which learned from it: no prediction`;
  }
  const doubt = of.status === 'ok' ? '' : `, ${of.status}`;
  return `${withinRun(of.checkpoint)}\npredicted ${points(of.predicted)}, ${interval(of.low, of.high)} by ${probe}${doubt}`;
}

function forecastText({ of }: ForecastDot): string {
  const truth =
    of.measured === null
      ? ''
      : `, measured ${points(of.measured)} (off by ${signedPoints(of.errorPoints === null ? null : of.errorPoints / 100)})`;
  const verdict = of.verdict === 'predictable' ? '' : ', no answer: not predictable';
  return `forecast of ${of.createdAt.slice(0, 10)}\n${points(of.accuracy)}, ${interval(of.low, of.high)}${truth}${verdict}`;
}
