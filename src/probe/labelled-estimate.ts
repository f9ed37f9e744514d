import { studentQuantile } from '../stats/index.ts';

export type LabelledEstimate = {
  readonly predicted: number;
  readonly low: number;
  readonly high: number;
  readonly method: string;
};

/**
 * Accuracy of a finite set of questions from predictions of all and measured rates of some, taken to be a random subset:
 * the difference estimator, mean(f) + mean over the labelled of (rate − f). Its variance is
 * (1 − m/N) s²(rate − f)/m and what sampling adds, (m/N) · noise/m with the mean of r (1 − r)/(answers − 1) for noise
 * (unbiased). One answer alone says nothing of its own noise, and equal answers throughout say too little: there the
 * noise is R (1 − R)/answers of the overall rate R, drawn half an answer inside; it is not less, for p (1 − p) is concave.
 * Null below two labelled ones.
 */
export function labelledEstimate(
  predicted: Float64Array,
  outcomes: { readonly k: Float64Array; readonly n: Float64Array },
  level: number,
): LabelledEstimate | null {
  const labelled = [...outcomes.n.keys()].filter((i) => outcomes.n[i]! > 0);
  const [m, all] = [labelled.length, predicted.length];
  if (m < 2) return null;
  const rates = labelled.map((i) => outcomes.k[i]! / outcomes.n[i]!);
  const gaps = labelled.map((i, j) => rates[j]! - predicted[i]!);
  const gap = gaps.reduce((sum, value) => sum + value, 0) / m;
  const spread = gaps.reduce((sum, value) => sum + (value - gap) ** 2, 0) / (m - 1);
  const noise = samplingNoise(
    rates,
    Float64Array.from(labelled, (i) => outcomes.n[i]!),
  );
  const variance = (1 - m / all) * (spread / m) + (m / all) * (noise / m);
  const clip = (value: number) => Math.min(1, Math.max(0, value));
  const centre = predicted.reduce((sum, value) => sum + value, 0) / all + gap;
  const half = studentQuantile((1 + level) / 2, m - 1) * Math.sqrt(variance);
  return {
    predicted: clip(centre),
    low: clip(centre - half),
    high: clip(centre + half),
    method: `difference estimator: predictions of ${all} questions corrected by ${m} labelled ones, taken to be a random subset`,
  };
}

/** Mean variance of the measured rates about the true ones. */
function samplingNoise(rates: readonly number[], answers: Float64Array): number {
  const right = rates.reduce((sum, rate, j) => sum + rate * answers[j]!, 0);
  const overall = (right + 0.5) / (answers.reduce((sum, n) => sum + n, 0) + 1);
  const coarse = (n: number) => (overall * (1 - overall)) / n;
  const mean = (of: (rate: number, n: number) => number) =>
    rates.reduce((sum, rate, j) => sum + of(rate, answers[j]!), 0) / rates.length;
  const noise = mean((rate, n) => (n < 2 ? coarse(n) : (rate * (1 - rate)) / (n - 1)));
  return noise > 0 ? noise : mean((_, n) => coarse(n));
}
