import { keyedUniform } from '../../stats/index.ts';
import type { ProbeData } from '../estimator.ts';

/** Fewer units than this on the smaller side say too little to choose an epoch by. */
const LEAST_UNITS = 4;

/** Rows of weight above 0 to learn from, and those of the units left out to choose the epoch by (none if few). */
export function splitUnits(
  data: ProbeData,
  { seed, holdout }: { seed: number; holdout: number },
): { learned: Int32Array; left: Int32Array } {
  const rows = Int32Array.from(Array.from({ length: data.rows }, (_, i) => i)).filter(
    (i) => data.weight[i]! > 0,
  );
  const draws = new Map<number, number>();
  for (const row of rows) {
    const unit = data.unit[row]!;
    if (!draws.has(unit)) draws.set(unit, keyedUniform('neural', 'holdout', seed, unit));
  }
  const count = Math.round(holdout * draws.size);
  if (count < LEAST_UNITS) return { learned: rows, left: new Int32Array(0) };
  const order = [...draws].sort(([a, x], [b, y]) => x - y || a - b);
  const out = new Set(order.slice(0, count).map(([unit]) => unit));
  return {
    learned: rows.filter((row) => !out.has(data.unit[row]!)),
    left: rows.filter((row) => out.has(data.unit[row]!)),
  };
}
