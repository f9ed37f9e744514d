import type { Ladder, Target } from './ladder.ts';

/** A method fitted on one ladder. */
export type FittedForecaster = {
  /** Accuracy at a compute, 0…1, never NaN. */
  readonly predict: (target: Target) => number;
  /** Share of the items that the method extrapolates or finds solved; absent for methods that look at no items. */
  readonly predictableShare?: (target: Target) => number;
  /** Standard error of the extrapolation from the law's parameter covariance; absent where a method has none. */
  readonly standardError?: (target: Target) => number;
  /**
   * The same method on one bootstrap replicate: answers sampled again, every model off by its own shock. What is
   * conditioned on (clusters, choices made on the data) stays as it was. Absent: the forecast does not move.
   */
  readonly replicate?: (draw: Replicate) => FittedForecaster;
};

/** One draw of everything that a bootstrap draws. */
export type Replicate = {
  /** Its number: keys any further draws, so that they do not depend on which methods were asked for. */
  readonly index: number;
  /** How often each item was drawn; null without items. */
  readonly itemWeights: Float64Array | null;
  /** Standard normal per model: the sampling error of its accuracy, in units of its standard error. */
  readonly sampling: Float64Array;
  /** What each model is off by on all items, in accuracy. */
  readonly shocks: Float64Array;
};

/** A way to forecast. */
export type Forecaster = {
  /** As on the command line. */
  readonly name: string;
  /** One sentence for tables. */
  readonly description: string;
  /** Fewer models than this and the method is skipped. */
  readonly minModels: number;
  /** Why it cannot be fitted on this ladder or asked for this target; null where it can. */
  readonly missing?: (ladder: Ladder, target: Target) => string | null;
  /** Never throws for data that are hard to fit: a law that does not converge predicts what it has. */
  readonly fit: (ladder: Ladder, options?: FitOptions) => FittedForecaster;
};

export type FitOptions = {
  /** Where a method draws (k-means, cross-fitting). @default 0 */
  readonly seed?: number;
};
