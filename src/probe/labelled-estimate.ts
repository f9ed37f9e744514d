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
 * (1 − m/N) s²(rate − f)/m and what sampling adds, (m/N) · mean(r (1 − r)/answers)/m. Null below two labelled ones.
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
  const noise =
    labelled.reduce((sum, i, j) => sum + (rates[j]! * (1 - rates[j]!)) / outcomes.n[i]!, 0) / m;
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
