/** Most units whose 2^units sign patterns are gone through. */
const MOST_UNITS = 20;

/**
 * Two-sided p of the sum of `differences` by the exact sign-flip test: the share of all 2^n ways to turn their signs
 * whose sum is at least as far from 0. Never below 2^(1 − n); 1 where every difference is 0. At most 20 differences.
 */
export function signFlipP(differences: Float64Array): number {
  const n = differences.length;
  if (n > MOST_UNITS) {
    throw new RangeError(`signFlipP: expected at most ${MOST_UNITS} differences, got ${n}`);
  }
  if (n === 0) return 1;
  const observed = Math.abs(differences.reduce((sum, value) => sum + value, 0));
  // Sums of the same numbers in another order differ by rounding: a tie is not a smaller sum.
  const slack = 1e-12 * differences.reduce((sum, value) => sum + Math.abs(value), 0);
  const patterns = 2 ** (n - 1);
  let extreme = 0;
  for (let pattern = 0; pattern < patterns; pattern += 1) {
    let sum = 0;
    for (let i = 0; i < n; i += 1) {
      sum += (pattern >> i) & 1 ? -differences[i]! : differences[i]!;
    }
    if (Math.abs(sum) >= observed - slack) extreme += 1;
  }
  return extreme / patterns;
}
