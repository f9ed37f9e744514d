/**
 * The second step of a forecast through losses (arXiv 2412.04403): y = a / (1 + exp(−k (L − L0))) + b with a < 0, which is
 * the rising sigmoid over −L: b is its upper end, a + b its lower one. Here both lie between chance and 1.
 */
import type { CurveFit } from './curve-fit.ts';
import type { GuessRange } from './law-problem.ts';
import { fitSigmoid, type SigmoidParameters } from './sigmoid-curve.ts';

export type LossAccuracyParameters = {
  /** ≤ 0. */
  readonly a: number;
  readonly b: number;
  /** ≥ 0, per unit of loss. */
  readonly k: number;
  readonly lossMiddle: number;
};

export type LossAccuracyData = {
  readonly loss: Float64Array;
  readonly y: Float64Array;
  readonly weights: Float64Array;
};

/** `predict` takes a loss. With `guess: 'free'` the lower end is free in [0, 1). */
export function fitLossToAccuracy(
  { loss, y, weights }: LossAccuracyData,
  options: GuessRange & { readonly start?: LossAccuracyParameters },
): CurveFit<LossAccuracyParameters> {
  const { chance, guess, start } = options;
  const fit = fitSigmoid(
    { axis: loss.map((value) => -value), y, weights },
    { chance, guess, ...(start === undefined ? {} : { start: toSigmoid(start) }) },
  );
  return {
    ...fit,
    parameters: fromSigmoid(fit.parameters),
    predict: (at) => fit.predict(-at),
  };
}

function fromSigmoid({ lo, hi, slope, centre }: SigmoidParameters): LossAccuracyParameters {
  return { a: lo - hi, b: hi, k: slope, lossMiddle: 0 - centre };
}

function toSigmoid({ a, b, k, lossMiddle }: LossAccuracyParameters): SigmoidParameters {
  return { lo: a + b, hi: b, slope: k, centre: -lossMiddle };
}
