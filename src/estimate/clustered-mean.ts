/** A mean over questions, with the variance that drawing questions (or whole groups of them) gives it. */
export type ClusteredMean = {
  readonly mean: number;
  /** Variance of the mean; null where there are fewer than two units. */
  readonly variance: number | null;
  /** Independent units: groups, and questions without one. */
  readonly units: number;
  /** Sum of the values of each unit. */
  readonly sums: Float64Array;
};

/**
 * Variance G/(G − 1) · Σ_g (Σ_{i in g} (x_i − mean))² / m² over the G units of m questions, which is s²/m where every
 * question is its own unit (Miller, "Adding error bars to evals", 2024, with the small-sample factor). `group[i]` is the
 * group of question i, below 0 where it has none.
 */
export function clusteredMean(values: Float64Array, group: Int32Array | null): ClusteredMean {
  const m = values.length;
  if (m === 0) throw new RangeError('clusteredMean: expected at least one value');
  if (group !== null && group.length !== m) {
    throw new RangeError(`clusteredMean: expected a group a value (${m}), got ${group.length}`);
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / m;
  const units = unitsOf(m, group);
  const sums = new Float64Array(units.count);
  const sizes = new Float64Array(units.count);
  for (let i = 0; i < m; i += 1) {
    sums[units.of[i]!]! += values[i]!;
    sizes[units.of[i]!]! += 1;
  }
  let squares = 0;
  for (let g = 0; g < units.count; g += 1) squares += (sums[g]! - sizes[g]! * mean) ** 2;
  const factor = units.count / (units.count - 1) / (m * m);
  return { mean, variance: units.count < 2 ? null : squares * factor, units: units.count, sums };
}

function unitsOf(
  count: number,
  group: Int32Array | null,
): { readonly of: Int32Array; readonly count: number } {
  if (group === null) return { of: Int32Array.from({ length: count }, (_, i) => i), count };
  const known = new Map<number, number>();
  let units = 0;
  const of = group.map((code) => {
    const unit = code < 0 ? undefined : known.get(code);
    if (unit !== undefined) return unit;
    if (code >= 0) known.set(code, units);
    units += 1;
    return units - 1;
  });
  return { of, count: units };
}
