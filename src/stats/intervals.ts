import { normalQuantile } from './normal.ts';

export type Interval = { readonly low: number; readonly high: number };

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

/** Wilson's score interval of a share `rate` of `trials` > 0 (not necessarily whole). */
export function wilsonInterval(rate: number, trials: number, level: number): Interval {
  const z = normalQuantile((1 + level) / 2);
  const below = 1 + (z * z) / trials;
  const centre = (rate + (z * z) / (2 * trials)) / below;
  const half =
    (z / below) * Math.sqrt((rate * (1 - rate)) / trials + (z * z) / (4 * trials * trials));
  return {
    low: rate === 0 ? 0 : Math.max(0, centre - half),
    high: rate === 1 ? 1 : Math.min(1, centre + half),
  };
}
