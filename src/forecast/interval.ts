/**
 * The interval of a forecast: independent parts added as variances, in accuracy.
 *
 * - replicates: how the method's answer moves when answers are sampled again and every ladder model is off by its own
 *   shock on all items. Clusters stay as they were; for end-to-end methods the items are held fixed, since the target
 *   answers the same ones.
 * - the target's own shock and sampling error;
 * - the law's parameter covariance, where the replicates say less;
 * - the method's own back-test error, grown with the extrapolation;
 * - how far different methods are apart at the target.
 */
import type { BackTestPoint } from './back-test.ts';
import { backTestError } from './back-test.ts';
import { clip } from './observations.ts';

export type IntervalPair = readonly [low: number, high: number];
export type Intervals = { readonly '0.8': IntervalPair; readonly '0.95': IntervalPair };

/** As `Intervals`, or both ends null where none could be computed. */
export type MaybeIntervals = Readonly<
  Record<keyof Intervals, IntervalPair | readonly [low: null, high: null]>
>;

export const noIntervals: MaybeIntervals = { '0.8': [null, null], '0.95': [null, null] };

export type Uncertainty = {
  /** Forecasts of the bootstrap replicates at the target. */
  readonly replicates: Float64Array;
  /** Sampling variance that the target's own measurement will have. */
  readonly targetSampling: number;
  readonly shock: number;
  /** From the parameter covariance; 0 where the method has none. */
  readonly standardError: number;
  readonly backTest: readonly BackTestPoint[];
  readonly extrapolation: number;
  /** Highest less lowest forecast of the compared methods; null where unknown. */
  readonly spread: number | null;
};

/**
 * Weights of the parts, and quantiles set on the public cases that the gate answers, for the chosen method
 * (docs/forecasting.md tries them on one source at a time). Other methods' intervals use them as they are.
 */
export const intervalWeights = {
  /** Share of the back-test's root mean square error. */
  backTest: 0.5,
  /** Growth of the back-test error with the ratio of log extrapolations. */
  backTestGrowth: 0.5,
  /** Share of the spread between methods. */
  spread: 0.3,
  /** Multiples of the standard deviation at 80 % and 95 %; the normal's would be 1.28 and 1.96: the parts overlap. */
  quantiles: { '0.8': 0.8, '0.95': 1.45 },
} as const;

/** Standard deviation of forecast less truth, in accuracy. */
export function forecastDeviation(parts: Uncertainty): number {
  const { replicates, targetSampling, shock, standardError, spread } = parts;
  const variance =
    Math.max(varianceOf(replicates), standardError ** 2) +
    targetSampling +
    shock ** 2 +
    (intervalWeights.backTest * scaledBackTest(parts)) ** 2 +
    (intervalWeights.spread * (spread ?? 0)) ** 2;
  return Math.sqrt(variance);
}

/** The intervals around an accuracy, cut to 0…1. */
export function intervalsAround(accuracy: number, deviation: number): Intervals {
  const at = (level: keyof Intervals): IntervalPair => {
    const half = intervalWeights.quantiles[level] * deviation;
    return [clip(accuracy - half), clip(accuracy + half)];
  };
  return { '0.8': at('0.8'), '0.95': at('0.95') };
}

/** A back-test that reached less far than the forecast understates its error: grown by the ratio of log computes. */
function scaledBackTest({ backTest, extrapolation }: Uncertainty): number {
  const error = backTestError(backTest);
  if (error === null) return 0;
  const reached = backTest.reduce((sum, point) => sum + Math.log(point.extrapolation), 0);
  const typical = Math.max(reached / backTest.length, 0.1);
  const ratio = Math.max(Math.log(Math.max(extrapolation, 1)), 0) / typical;
  return error * Math.max(1, ratio) ** intervalWeights.backTestGrowth;
}

function varianceOf(values: Float64Array): number {
  if (values.length < 2) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}
