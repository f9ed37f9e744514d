/** Mean of at least one value. */
export function average(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Variance with n − 1 below; 0 for fewer than two values. */
export function spreadOf(values: Float64Array): number {
  if (values.length < 2) return 0;
  const centre = average(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}
