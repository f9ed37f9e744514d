import type { Replicate } from './forecaster.ts';
import { type Ladder, relativeCompute } from './ladder.ts';

/** What an end-to-end law is fitted to: one point a model. */
export type Observations = {
  /** Compute over the smallest model's, at least 1, ascending. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Inverse variance of each accuracy: sampling, and what a model is off by on its own. */
  readonly weights: Float64Array;
  readonly chance: number;
};

/**
 * What a model is off by beyond sampling, in accuracy, where the ladder does not tell better: the residuals of public
 * ladders around smooth curves have a standard deviation of 1 to 2 points.
 */
export const defaultShock = 0.015;

/** Standard deviation taken for a score whose spread the source does not tell: about that of 1,000 questions. */
const unknownStandardError = 0.015;

/** Sampling variance of each accuracy, an assumed one where it is not known. */
export function samplingVariance({ accuracy, variance }: Ladder): Float64Array {
  return variance ?? accuracy.map(() => unknownStandardError ** 2);
}

export function observe(ladder: Ladder): Observations {
  return {
    x: relativeCompute(ladder),
    y: ladder.accuracy,
    weights: samplingVariance(ladder).map((variance) => 1 / (variance + defaultShock ** 2)),
    chance: ladder.chance,
  };
}

/** Accuracies as they might have been: sampled again, every model with another shock. */
export function perturb(ladder: Ladder, { sampling, shocks }: Replicate): Float64Array {
  const variance = samplingVariance(ladder);
  return ladder.accuracy.map((accuracy, model) =>
    clip(accuracy + sampling[model]! * Math.sqrt(variance[model]!) + shocks[model]!),
  );
}

/** Into 0…1; what is no number becomes 0. */
export function clip(value: number): number {
  return value >= 0 ? Math.min(1, value) : 0;
}
