import { studentQuantile } from '../stats/index.ts';

/** Accuracy of a task from predictions of all its questions and measured rates of some. */
export type AccuracyEstimate = {
  /** From 0 to 1, like the ends of the interval. */
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  readonly level: number;
  readonly standardError: number;
  /** Of Student's t; Infinity is the normal. */
  readonly degrees: number;
  /** Share of the predictions that was used: 0 is the plain mean; the mean over folds where it was cross-fitted. */
  readonly lambda: number;
  readonly labelled: number;
  readonly questions: number;
  /** These questions, or all that might have been asked. */
  readonly target: Target;
  readonly spread: Spread;
  /** In words. */
  readonly method: string;
};

export type Target = 'questions' | 'population';

/** What the variance is made of, per question; sampling noise is in the first two. */
export type Spread = {
  /** Variance of the measured rates: what the plain mean has to average out. */
  readonly rates: number;
  /** The same for what is left of them after the predictions (and the design). */
  readonly residuals: number;
  /** Mean variance of a measured rate about the true one. */
  readonly noise: number;
};

export type Parts = Pick<
  AccuracyEstimate,
  'level' | 'degrees' | 'lambda' | 'labelled' | 'questions' | 'target' | 'method'
> & {
  readonly centre: number;
  readonly variance: number;
  readonly rates: number;
  readonly noise: number;
};

export function accuracyEstimate(parts: Parts): AccuracyEstimate {
  const { centre, variance, rates, noise, level, ...rest } = parts;
  if (!(level > 0 && level < 1)) {
    throw new RangeError(`estimate: expected \`level\` between 0 and 1, got ${level}`);
  }
  const standardError = Math.sqrt(variance);
  const half = studentQuantile((1 + level) / 2, rest.degrees) * standardError;
  return {
    estimate: clip(centre),
    low: clip(centre - half),
    high: clip(centre + half),
    level,
    standardError,
    ...rest,
    spread: { rates, residuals: residualSpread(parts), noise },
  };
}

/** The variance a question that gives `variance` of the mean of so many. */
function residualSpread({ target, variance, noise, rates, labelled, questions }: Parts): number {
  if (target === 'population') return variance * labelled;
  if (labelled >= questions) return rates;
  return Math.max(0, variance - noise / questions) / (1 / labelled - 1 / questions);
}

function clip(value: number): number {
  return Math.min(1, Math.max(0, value));
}
