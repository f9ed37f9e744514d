import { weightedLine } from './methods/weighted-line.ts';
import { type Ladder, relativeCompute } from './ladder.ts';
import { fitExponentialLaw, weakLawPrior } from './laws/index.ts';
import { observe, samplingVariance } from './observations.ts';

/** How clearly a ladder rises, and how far its models scatter. */
export type Trend = {
  /** Highest less lowest accuracy. */
  readonly range: number;
  /** Slope of the accuracy in log compute over its standard error; noise is what the exponential law leaves, at least the sampling's. */
  readonly significance: number;
  /** Standard deviation of what a model is off by beyond sampling, in accuracy. */
  readonly shock: number;
};

/** Prior of the shock: its standard deviation, and how many models' worth of evidence it is. */
const shockPrior = { deviation: 0.01, models: 3 } as const;

export function describeTrend(ladder: Ladder): Trend {
  const { accuracy } = ladder;
  const x = relativeCompute(ladder).map(Math.log);
  const variance = samplingVariance(ladder);
  const flat = new Float64Array(x.length).fill(1);
  const line = weightedLine(x, accuracy, flat);
  const meanX = x.reduce((sum, value) => sum + value, 0) / x.length;
  const spreadX = x.reduce((sum, value) => sum + (value - meanX) ** 2, 0);
  const slope = line(1) - line(0);
  const sampling = variance.reduce((sum, value) => sum + value, 0) / variance.length;
  const residual = exponentialResiduals(ladder).reduce((sum, value) => sum + value ** 2, 0);
  const noise = Math.max(sampling, residual / Math.max(1, x.length - 2));
  return {
    range: Math.max(...accuracy) - Math.min(...accuracy),
    significance: spreadX > 0 ? slope / Math.sqrt(noise / spreadX) : 0,
    shock: estimateShock(x, accuracy, variance),
  };
}

/** A straight line would call the bend of a clear rise noise. */
function exponentialResiduals(ladder: Ladder): Float64Array {
  const { x, y, weights, chance } = observe(ladder);
  const options = { chance, guess: 'fixed', prior: weakLawPrior(chance) } as const;
  return fitExponentialLaw({ x, y, weights }, options).residuals;
}

/**
 * From second differences: what the middle of three neighbours is off from the line through the other two has no part of
 * the trend but its curvature. Sampling variance is taken off the sum, and the rest shrunk towards the prior, since ladders
 * are short.
 */
function estimateShock(x: Float64Array, accuracy: Float64Array, variance: Float64Array): number {
  let [sum, count] = [0, 0];
  for (let i = 1; i + 1 < x.length; i += 1) {
    const width = x[i + 1]! - x[i - 1]!;
    const share = width > 0 ? (x[i]! - x[i - 1]!) / width : 0.5;
    const [before, after] = [(1 - share) ** 2, share ** 2];
    const off = accuracy[i]! - (accuracy[i - 1]! * (1 - share) + accuracy[i + 1]! * share);
    const sampling = variance[i]! + before * variance[i - 1]! + after * variance[i + 1]!;
    sum += (off ** 2 - sampling) / (1 + before + after);
    count += 1;
  }
  const { deviation, models } = shockPrior;
  return Math.sqrt((Math.max(0, sum) + models * deviation ** 2) / (count + models));
}
