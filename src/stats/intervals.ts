import { normalQuantile } from './distributions.ts';

export type Interval = { readonly low: number; readonly high: number };

/**
 * Wilson's score interval for a binomial share of `successes` in `trials` (successes may be fractional).
 * No trials: [0, 1].
 */
export function wilsonInterval(successes: number, trials: number, level: number): Interval {
  if (trials <= 0) return { low: 0, high: 1 };
  const z = normalQuantile((1 + level) / 2);
  const p = successes / trials;
  const scale = 1 + (z * z) / trials;
  const centre = (p + (z * z) / (2 * trials)) / scale;
  const half = (z / scale) * Math.sqrt((p * (1 - p)) / trials + (z * z) / (4 * trials * trials));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** The q-quantile of `values` by linear interpolation between order statistics (type 7, numpy's default). */
export function quantile(values: ArrayLike<number>, q: number): number | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (at - below) * (high - low);
}
