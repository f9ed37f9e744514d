/** First and second derivative of ln Γ: the recurrence up to 10, the asymptotic series from there on. */

/** ψ(x) for x > 0. */
export function digamma(x: number): number {
  let y = x;
  let below = 0;
  while (y < 10) {
    below += 1 / y;
    y += 1;
  }
  const z = 1 / (y * y);
  const series =
    z *
    (1 / 12 - z * (1 / 120 - z * (1 / 252 - z * (1 / 240 - z * (1 / 132 - (z * 691) / 32760)))));
  return Math.log(y) - 1 / (2 * y) - series - below;
}

/** ψ′(x) for x > 0. */
export function trigamma(x: number): number {
  let y = x;
  let below = 0;
  while (y < 10) {
    below += 1 / (y * y);
    y += 1;
  }
  const z = 1 / (y * y);
  const series =
    1 / 6 - z * (1 / 30 - z * (1 / 42 - z * (1 / 30 - z * (5 / 66 - (z * 691) / 2730))));
  return below + 1 / y + z / 2 + (z / y) * series;
}
