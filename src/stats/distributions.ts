import { normalCdf, normalQuantile } from './normal.ts';

/**
 * Quantiles of Student's t distribution: bisection of the distribution function, which is the regularised incomplete
 * beta function by Lentz's continued fraction (Numerical Recipes, 6.4).
 */

/** P(T ≤ t) for Student's t with `degrees` > 0 degrees of freedom (not necessarily whole; Infinity is the normal). */
export function studentCdf(t: number, degrees: number): number {
  if (degrees === Infinity) return normalCdf(t);
  const tail = 0.5 * incompleteBeta(degrees / 2, 0.5, degrees / (degrees + t * t));
  return t < 0 ? tail : 1 - tail;
}

/** The t with P(T ≤ t) = p for Student's t with `degrees` > 0 degrees of freedom (Infinity: the normal). */
export function studentQuantile(p: number, degrees: number): number {
  assertProbability('studentQuantile', p);
  if (!(degrees > 0)) {
    throw new RangeError(`studentQuantile: expected \`degrees\` above 0, got ${degrees}`);
  }
  if (p === 0.5) return 0;
  if (degrees === Infinity) return normalQuantile(p);
  if (p < 0.5) return -studentQuantile(1 - p, degrees);
  if (p === 1) return Infinity;
  let low = 0;
  let high = 1;
  while (studentCdf(high, degrees) < p) high *= 2;
  for (let step = 0; step < 200 && high - low > 1e-14 * high; step += 1) {
    const middle = (low + high) / 2;
    if (studentCdf(middle, degrees) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The x with I_x(a, b) = p, by bisection: the quantile of a beta distribution with a, b > 0. */
export function betaQuantile(p: number, a: number, b: number): number {
  assertProbability('betaQuantile', p);
  if (!(a > 0 && b > 0)) {
    throw new RangeError(`betaQuantile: expected \`a\` and \`b\` above 0, got ${a} and ${b}`);
  }
  if (p === 0 || p === 1) return p;
  let low = 0;
  let high = 1;
  // Quantiles of a small `a` lie far below 2⁻⁵³: the width is measured against the value.
  for (let step = 0; step < 1100 && high - low > 1e-15 * high; step += 1) {
    const middle = (low + high) / 2;
    if (incompleteBeta(a, b, middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Regularised incomplete beta function I_x(a, b). */
export function incompleteBeta(a: number, b: number, x: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x),
  );
  if (x < (a + 1) / (a + b + 2)) return (front * betaFraction(a, b, x)) / a;
  return 1 - (front * betaFraction(b, a, 1 - x)) / b;
}

function betaFraction(a: number, b: number, x: number): number {
  const tiny = 1e-300;
  const away = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m <= 1000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    result *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return result;
}

/** ln Γ(x) for x > 0: Stirling's series from 10 up, the recurrence below. */
export function logGamma(x: number): number {
  let shift = 0;
  let y = x;
  while (y < 10) {
    shift += Math.log(y);
    y += 1;
  }
  const z = 1 / (y * y);
  const series =
    (1 / 12 -
      z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680 - z * (1 / 1188 - (z * 691) / 360360))))) /
    y;
  return (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + series - shift;
}

function assertProbability(who: string, p: number): void {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`${who}: expected \`p\` from 0 to 1, got ${p}`);
}
