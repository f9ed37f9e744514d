import { labelsForWidth } from '../estimate/index.ts';
import type { Interval } from '../stats/index.ts';
import { recencyWeight } from './recency.ts';
import type { LabellingSpread, ReplayedResidual } from './residuals.ts';

/** How a task's accuracy would be brought to a short interval by labels. */
export type Remeasure = {
  /** Width of the interval that the labels bring, in accuracy: 0.1 is ±5 points. */
  readonly width: number;
  /** Labelled questions that it takes; null where labels of all of them do not, with the answers a question of the past. */
  readonly labels: number | null;
  /** Whether it should be done: the status is not `ok`, or the interval is wider than `widest`. */
  readonly advised: boolean;
  readonly widest: number;
};

const WIDTH = 0.1;

/** An interval wider than this (±15 points) tells checkpoints hardly apart. */
const WIDEST = 0.3;

/** By task; that of all tasks together stands in for one that was never replayed, a coin (1, 0) where none was. */
export function labellingSpreads(
  residuals: readonly ReplayedResidual[],
  tasks: readonly string[],
): Record<string, LabellingSpread> {
  const later = residuals.filter(({ horizon }) => horizon > 0);
  const used = later.length > 0 ? later : residuals;
  const all = meanSpread(used) ?? { left: 1, noise: 0 };
  return Object.fromEntries(
    tasks.map((task) => [task, meanSpread(used.filter((one) => one.task === task)) ?? all]),
  );
}

function meanSpread(residuals: readonly ReplayedResidual[]): LabellingSpread | null {
  let [left, noise, total] = [0, 0, 0];
  for (const { labelling, age } of residuals) {
    if (labelling === null) continue;
    const weight = recencyWeight(age);
    left += weight * labelling.left;
    noise += weight * labelling.noise;
    total += weight;
  }
  return total === 0 ? null : { left: left / total, noise: noise / total };
}

/** Whether an interval of an accuracy is so wide that measuring is advised whatever else is known. */
export function isTooWide({ low, high }: Interval): boolean {
  return high - low > WIDEST;
}

/**
 * Labels for an interval of ten points with the difference estimator. Their variance is a share of p (1 − p), at the
 * accuracy of the interval that is nearest to one half: no more labels are needed as long as the interval holds.
 */
export function remeasureAdvice(
  spread: LabellingSpread,
  task: {
    readonly items: number;
    readonly interval: Interval;
    readonly level: number;
    readonly isOk: boolean;
  },
): Remeasure {
  const { low, high } = task.interval;
  const p = Math.min(high, Math.max(low, 0.5));
  const scale = p * (1 - p);
  const noise = spread.noise * scale;
  const residuals = Math.max(noise, spread.left * scale);
  const { items: questions, level } = task;
  const about = { spread: { rates: scale, residuals, noise }, questions, level };
  return {
    width: WIDTH,
    labels: labelsForWidth({ ...about, target: 'questions' }, WIDTH),
    advised: !task.isOk || isTooWide(task.interval),
    widest: WIDEST,
  };
}
