import { wilsonInterval } from '../../stats/index.ts';
import { average, spreadOf } from '../moments.ts';
import { checkCalibration } from './calibrate.ts';
import { logOdds } from './log-odds.ts';
import { fitSmallLogistic } from './small-logistic.ts';

export type ReliabilityBin = {
  /** Mean predicted probability and mean measured rate. */
  readonly predicted: number;
  readonly measured: number;
  /** Wilson's interval of the measured one, at `level`. */
  readonly low: number;
  readonly high: number;
  /** Questions. */
  readonly count: number;
};

export type Reliability = {
  /** By ascending prediction. */
  readonly bins: readonly ReliabilityBin[];
  /** Mean over questions of a bin's |measured − predicted|: even of perfect predictions above 0. */
  readonly error: number;
  /**
   * Root of the mean square of those gaps, each less the variance of its noise (Kumar, Liang and Ma 2019): its square is
   * unbiased but for the cut at 0.
   */
  readonly debiasedError: number;
  /** Of the logistic regression of answers on logit p; 1 and 0 are perfect, a slope below 1 is overconfident. */
  readonly slope: number | null;
  readonly intercept: number | null;
};

/**
 * How far predicted probabilities are from measured rates, in bins of equally many questions (equal predictions stay
 * together). The interval's number of trials is that of independent answers with the same variance of the mean.
 */
export function reliability(
  predicted: Float64Array,
  rates: Float64Array,
  options: { readonly bins?: number; readonly level?: number } = {},
): Reliability {
  checkCalibration('reliability', predicted, rates);
  const { bins: wanted = 10, level = 0.9 } = options;
  const members = equalMass(predicted, wanted);
  const m = rates.length;
  let [error, squares] = [0, 0];
  const bins = members.map((rows): ReliabilityBin => {
    const f = Float64Array.from(rows, (i) => predicted[i]!);
    const y = Float64Array.from(rows, (i) => rates[i]!);
    const [level0, measured] = [average(f), average(y)];
    const gap = Math.abs(measured - level0);
    const noise = spreadOf(y.map((rate, j) => rate - f[j]!)) / y.length;
    error += (gap * y.length) / m;
    squares += ((gap ** 2 - noise) * y.length) / m;
    const trials = trialsOf(y, measured);
    return {
      predicted: level0,
      measured,
      ...wilsonInterval(measured, trials, level),
      count: y.length,
    };
  });
  return {
    bins,
    error,
    debiasedError: Math.sqrt(Math.max(0, squares)),
    ...calibrationLine(predicted, rates),
  };
}

/** Slope and intercept of the logistic regression of rates on logit p; nulls where there is none to tell. */
export function calibrationLine(
  predicted: Float64Array,
  rates: Float64Array,
): { readonly slope: number | null; readonly intercept: number | null } {
  if (isSeparated(predicted, rates)) return { slope: null, intercept: null };
  const ones = new Float64Array(rates.length).fill(1);
  const columns = [predicted.map(logOdds), ones];
  const found = fitSmallLogistic({ columns, rates, weights: ones, start: [1, 0], ridge: 0 });
  return { slope: found?.[0] ?? null, intercept: found?.[1] ?? null };
}

/** Whether one threshold on the predictions parts wrong answers from right ones: the slope has no end then. */
function isSeparated(predicted: Float64Array, rates: Float64Array): boolean {
  const ends = (of: (rate: number) => boolean) => {
    let [low, high] = [Infinity, -Infinity];
    for (let i = 0; i < rates.length; i += 1) {
      if (!of(rates[i]!)) continue;
      low = Math.min(low, predicted[i]!);
      high = Math.max(high, predicted[i]!);
    }
    return { low, high };
  };
  const right = ends((rate) => rate > 0);
  const wrong = ends((rate) => rate < 1);
  return right.low >= wrong.high || wrong.low >= right.high;
}

function trialsOf(rates: Float64Array, measured: number): number {
  const spread = spreadOf(rates);
  const answer = measured * (1 - measured);
  return spread > 0 ? Math.max(rates.length, (rates.length * answer) / spread) : rates.length;
}

/** Rows of each bin, by ascending prediction. */
function equalMass(predicted: Float64Array, wanted: number): number[][] {
  const order = [...predicted.keys()].sort((i, j) => predicted[i]! - predicted[j]!);
  const bins: number[][] = [];
  let start = 0;
  for (let bin = 1; bin <= wanted; bin += 1) {
    let end = Math.round((bin * order.length) / wanted);
    while (
      end > start &&
      end < order.length &&
      predicted[order[end]!] === predicted[order[end - 1]!]
    ) {
      end += 1;
    }
    if (end > start) bins.push(order.slice(start, end));
    start = Math.max(start, end);
  }
  return bins;
}
