import { normalQuantile } from '../stats/index.ts';
import { average, spreadOf } from './moments.ts';

export type PredictionPowered = {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  readonly standardError: number;
  readonly lambda: number;
};

export type PredictionPoweredInput = {
  /** Measured values of n ≥ 2 labelled ones, and their predictions. */
  readonly rates: Float64Array;
  readonly predicted: Float64Array;
  /** Predictions of N ≥ 1 others. */
  readonly others: Float64Array;
  readonly level: number;
  /** 1 is PPI, 0 the plain mean; null is PPI++: the best one, cut to 0…1. */
  readonly lambda: number | null;
};

/**
 * Mean of a population by prediction-powered inference as published, for large n: λ mean(f others) + mean(rate − λ f),
 * variance λ² var(f others)/N + var(rate − λ f)/n (divisors n and N, normal quantiles), and
 * λ = cov(rate, f)/[(1 + n/N) var(f of all)]: the numbers of `ppi_mean_ci` in ppi_py. Not cut to 0…1. For the few labels
 * of a benchmark `estimateAccuracy` is the better choice.
 */
export function predictionPowered(input: PredictionPoweredInput): PredictionPowered {
  const { rates, predicted, others, level } = input;
  const [n, N] = [rates.length, others.length];
  if (n < 2 || N < 1 || predicted.length !== n) {
    throw new RangeError(
      `predictionPowered: expected two or more rates with predictions and one or more others, got ${n}, ${predicted.length} and ${N}`,
    );
  }
  const lambda = input.lambda ?? bestLambda(input);
  const residuals = rates.map((rate, i) => rate - lambda * predicted[i]!);
  const estimate = lambda * average(others) + average(residuals);
  const divided = (values: Float64Array) =>
    (spreadOf(values) * (values.length - 1)) / values.length;
  const standardError = Math.sqrt((lambda ** 2 * divided(others)) / N + divided(residuals) / n);
  const half = normalQuantile((1 + level) / 2) * standardError;
  return { estimate, low: estimate - half, high: estimate + half, standardError, lambda };
}

function bestLambda({ rates, predicted, others }: PredictionPoweredInput): number {
  const [n, N] = [rates.length, others.length];
  const [rate, level] = [average(rates), average(predicted)];
  let covariance = 0;
  for (let i = 0; i < n; i += 1) covariance += ((rates[i]! - rate) * (predicted[i]! - level)) / n;
  const all = new Float64Array(n + N);
  all.set(predicted);
  all.set(others, n);
  const below = (1 + n / N) * spreadOf(all);
  return below > 0 ? Math.min(1, Math.max(0, covariance / below)) : 0;
}
