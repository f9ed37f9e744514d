export type Share = {
  /** What its part should be proportional to; from 0. */
  readonly weight: number;
  /** Most it can take. */
  readonly size: number;
};

/**
 * Whole numbers, as near to proportional to the weights as they get: each at least `least` (or its size, where that is
 * less) and at most its size, `budget` in total; what the minimums ask for is given even where that is more. Rounding by
 * largest remainders, ties to the earlier one.
 */
export function allocate(shares: readonly Share[], budget: number, least: number): Int32Array {
  const low = shares.map(({ size }) => Math.min(size, least));
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const total = Math.min(Math.max(budget, sum(low)), sum(shares.map(({ size }) => size)));
  const exact = proportional(shares, low, total);
  const whole = exact.map((value) => Math.floor(value + 1e-9));
  const byRemainder = exact
    .map((value, i) => ({ i, rest: value - whole[i]! }))
    .sort((x, y) => y.rest - x.rest || x.i - y.i);
  let left = Math.round(total - sum(whole));
  for (let at = 0; left > 0; at = (at + 1) % byRemainder.length) {
    const { i } = byRemainder[at]!;
    if (whole[i]! >= shares[i]!.size) continue;
    whole[i]! += 1;
    left -= 1;
  }
  return Int32Array.from(whole);
}

/** clamp(scale · weight) with the scale at which they add up to `total`, by bisection. */
function proportional(shares: readonly Share[], low: readonly number[], total: number): number[] {
  const most = shares.reduce((largest, { weight }) => Math.max(largest, weight), 0);
  // Shares of no weight come last, but they do come.
  const weights = shares.map(({ weight }) => (most > 0 ? Math.max(weight / most, 1e-9) : 1));
  const at = (scale: number) =>
    shares.map(({ size }, i) => Math.min(size, Math.max(low[i]!, scale * weights[i]!)));
  const sumAt = (scale: number) => at(scale).reduce((sum, value) => sum + value, 0);
  let [below, above] = [0, 1];
  while (sumAt(above) < total) above *= 2;
  for (let step = 0; step < 200 && above - below > 1e-15 * above; step += 1) {
    const middle = (below + above) / 2;
    if (sumAt(middle) < total) below = middle;
    else above = middle;
  }
  return at(above);
}
