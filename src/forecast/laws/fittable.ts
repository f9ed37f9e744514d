/** Values along an axis with what was measured there; weights are inverse variances or ones, 0 leaves a point out. */
export type AxisPoints = {
  readonly axis: Float64Array;
  readonly y: Float64Array;
  readonly weights: Float64Array;
};

/** Why no curve can be fitted to these points; null where one can. */
export function whyUnfittable(
  { axis, y, weights }: AxisPoints,
  leastPoints: number,
): string | null {
  let [points, least, most] = [0, Infinity, -Infinity];
  for (let i = 0; i < axis.length; i += 1) {
    const weight = weights[i]!;
    if (!(weight >= 0 && weight < Infinity)) return `weight ${weight} at point ${i}`;
    if (!Number.isFinite(axis[i]!)) return `position ${axis[i]!} at point ${i}`;
    if (!Number.isFinite(y[i]!)) return `value ${y[i]!} at point ${i}`;
    if (weight === 0) continue;
    points += 1;
    least = Math.min(least, axis[i]!);
    most = Math.max(most, axis[i]!);
  }
  if (points < leastPoints) return `${points} points, the curve needs ${leastPoints}`;
  return most > least ? null : 'all points have the same position';
}

/** Whether all values are the same number: along such an axis nothing can be fitted. False without values. */
export function isConstant(values: Float64Array): boolean {
  return values.length > 0 && values.every((value) => value === values[0]);
}

/** Weighted mean of what is usable, `otherwise` where nothing is. */
export function usableMean({ y, weights }: Omit<AxisPoints, 'axis'>, otherwise: number): number {
  let [total, sum] = [0, 0];
  for (let i = 0; i < y.length; i += 1) {
    if (!isUsable(y[i]!, weights[i]!)) continue;
    total += weights[i]!;
    sum += weights[i]! * y[i]!;
  }
  return total > 0 ? sum / total : otherwise;
}

/** Σ w (y − level)² over what is usable. */
export function constantObjective({ y, weights }: Omit<AxisPoints, 'axis'>, level: number): number {
  let objective = 0;
  for (let i = 0; i < y.length; i += 1) {
    if (isUsable(y[i]!, weights[i]!)) objective += weights[i]! * (y[i]! - level) ** 2;
  }
  return objective;
}

function isUsable(value: number, weight: number): boolean {
  return weight > 0 && weight < Infinity && Number.isFinite(value);
}
