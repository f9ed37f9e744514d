import { studentQuantile } from '../stats/index.ts';
import type { AccuracyEstimate } from './accuracy-estimate.ts';

export type EquivalentLabels = {
  /** Labels the plain mean of a random subset needs for the same variance; not whole, and above N where no subset does. */
  readonly labels: number;
  /** Those less the labels there are; below 0 where the plain mean would have been the better one. */
  readonly more: number;
  /** `labels` over the labels there are. */
  readonly ratio: number;
  /** How it was computed, in words. */
  readonly method: string;
};

/**
 * What the predictions and the design are worth, in labels. With c the variance a question after both, S² that of the
 * rates: S²/m* − S²/N = c/m − c/N (these questions), S²/m* = c/m (a population). Null where nothing varies.
 */
export function equivalentLabels(estimate: AccuracyEstimate): EquivalentLabels | null {
  const { spread, labelled, questions, target } = estimate;
  const { rates, residuals } = spread;
  const finite = target === 'questions' ? (rates - residuals) / questions : 0;
  const labels = rates / (residuals / labelled + finite);
  if (!(rates > 0) || !Number.isFinite(labels)) return null;
  const among = target === 'questions' ? `, of ${questions} questions` : '';
  return {
    labels,
    more: labels - labelled,
    ratio: labels / labelled,
    method: `ratio of variances: the rates vary by ${rates.toPrecision(3)} a question, what is left of them by ${residuals.toPrecision(3)}, ${labelled} labels${among}`,
  };
}

/** What the width of an interval from labels depends on. */
type SpreadOfTask = Pick<AccuracyEstimate, 'spread' | 'questions' | 'target' | 'level'>;

/**
 * How many labels bring the whole interval to `width` (high − low, in accuracy) at its level, with the same predictions,
 * design and answers a question. Null where labels of all the questions (for a population: a million) do not: more
 * answers a question are needed then.
 */
export function labelsForWidth(estimate: SpreadOfTask, width: number): number | null {
  if (!(width > 0)) {
    throw new RangeError(`labelsForWidth: expected \`width\` above 0, got ${width}`);
  }
  let most = estimate.target === 'questions' ? estimate.questions : 1_000_000;
  if (most < 2 || widthAt(estimate, most) > width) return null;
  let least = 2;
  while (least < most) {
    const middle = Math.floor((least + most) / 2);
    if (widthAt(estimate, middle) <= width) most = middle;
    else least = middle + 1;
  }
  return least;
}

function widthAt({ spread, questions, target, level }: SpreadOfTask, labels: number): number {
  const { residuals, noise } = spread;
  const variance =
    target === 'questions'
      ? residuals * Math.max(0, 1 / labels - 1 / questions) + noise / questions
      : residuals / labels;
  return 2 * studentQuantile((1 + level) / 2, labels - 1) * Math.sqrt(variance);
}
