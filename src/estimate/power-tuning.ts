/**
 * How much of the predictions an estimate should use: λ of λ · mean(f) + mean(Y − λ f), between 0 (the plain mean) and 1
 * (the predictions as they are). 'cross-fitted' learns it, for each tenth of the labelled questions, from the others;
 * 'plug-in' from all of them at once, which makes intervals from few labels too short.
 */
export type Tuning = number | 'plug-in' | 'cross-fitted';

export type TuningData = {
  readonly rates: Float64Array;
  readonly predicted: Float64Array;
  /** How many questions each labelled one stands for. */
  readonly weights: Float64Array;
  /** Rates and predictions are centred within each block (a stratum). */
  readonly block: Int32Array;
  /** Variance of the predictions of all questions, within blocks. */
  readonly variance: number;
};

const FOLDS = 10;

/**
 * Labels of no correlation that are added to the fitted ones: a λ from a handful of labels leans to the plain mean, and
 * that of 50 is 4 % smaller than fitted.
 */
const PRIOR_LABELS = 2;

/** λ for each labelled question. 'plug-in' is the slope of rates on predictions, cut to 0…1. */
export function lambdas(data: TuningData, tuning: Tuning): Float64Array {
  const m = data.rates.length;
  if (typeof tuning === 'number') {
    if (!(tuning >= 0 && tuning <= 1)) {
      throw new RangeError(`estimate: expected \`lambda\` from 0 to 1, got ${tuning}`);
    }
    return new Float64Array(m).fill(tuning);
  }
  if (tuning === 'plug-in') return new Float64Array(m).fill(slope(data, { prior: 0 }));
  const folds = Math.min(FOLDS, m);
  const byFold = Float64Array.from({ length: folds }, (_, without) =>
    slope(data, { prior: PRIOR_LABELS, folds, without }),
  );
  return Float64Array.from({ length: m }, (_, j) => byFold[j % folds]!);
}

/** Weighted mean of λ over the labelled questions. */
export function meanLambda(lambda: Float64Array, weights: Float64Array): number {
  let sum = 0;
  let total = 0;
  for (let j = 0; j < lambda.length; j += 1) {
    sum += weights[j]! * lambda[j]!;
    total += weights[j]!;
  }
  return sum / total;
}

type Fold = { readonly prior: number; readonly folds?: number; readonly without?: number };

function slope(data: TuningData, { prior, folds = 1, without = -1 }: Fold): number {
  const { rates, predicted, weights, block, variance } = data;
  const used = (j: number) => j % folds !== without;
  const blocks = block.reduce((most, b) => Math.max(most, b + 1), 0);
  const [total, rate, level] = [0, 1, 2].map(() => new Float64Array(blocks)) as Triple;
  let count = 0;
  let weight = 0;
  for (let j = 0; j < rates.length; j += 1) {
    if (!used(j)) continue;
    const [b, w] = [block[j]!, weights[j]!];
    total[b]! += w;
    rate[b]! += w * rates[j]!;
    level[b]! += w * predicted[j]!;
    count += 1;
    weight += w;
  }
  let covariance = 0;
  let squares = count > 0 ? (prior * weight * variance) / count : 0;
  for (let j = 0; j < rates.length; j += 1) {
    if (!used(j)) continue;
    const b = block[j]!;
    const away = predicted[j]! - level[b]! / total[b]!;
    covariance += weights[j]! * (rates[j]! - rate[b]! / total[b]!) * away;
    squares += weights[j]! * away * away;
  }
  return squares > 0 ? Math.min(1, Math.max(0, covariance / squares)) : 0;
}

type Triple = [Float64Array, Float64Array, Float64Array];
