/**
 * The scaling law of Clustering-On-Difficulty (arXiv 2502.17262): y(x) = g + (1 − g) exp(−a x^−b − c), the mean accuracy
 * of questions of like difficulty. x = C / C_min ≥ 1 is the compute over that of the smallest model of the ladder: in
 * FLOPs the optimum is often missed, and a would depend on the unit.
 */

export type LawParameters = {
  /** Rate of guessing, in [0, 1). */
  readonly g: number;
  /** What is missing at x = 1, in nats; ≥ 0. */
  readonly a: number;
  /** How fast it goes with compute; > 0. */
  readonly b: number;
  /** What stays missing for ever, in nats; ≥ 0: the asymptote is g + (1 − g) exp(−c). */
  readonly c: number;
};

type Range = { readonly lower: number; readonly upper: number };

/** The box in which laws are fitted; the goldens give scipy the same one. */
export const LAW_BOUNDS: Readonly<Record<keyof LawParameters, Range>> = Object.freeze({
  /** At 1 the law would not depend on the other three. Used where g is free. */
  g: { lower: 0, upper: 0.99 },
  /** Below, the whole rise is under 1e-6; above, nothing is seen at x = 1 whatever happens later. */
  a: { lower: 1e-6, upper: 1e3 },
  /** Below, 1 % of a decade's change in nats takes two of compute; above, doubling it is a step from nothing to all. */
  b: { lower: 0.01, upper: 5 },
  /** At exp(−10) the ceiling is 5e-5 above guessing. */
  c: { lower: 0, upper: 10 },
});

/** y at x = C / C_min, in [g, 1]; x = Infinity gives the asymptote. */
export function evaluateLaw({ g, a, b, c }: LawParameters, x: number): number {
  return g + (1 - g) * Math.exp(-a * x ** -b - c);
}

/** ∂y/∂(g, a, b, c) at x > 0, into `into` (4). */
export function lawGradient(
  { g, a, b, c }: LawParameters,
  x: number,
  into: Float64Array = new Float64Array(4),
): Float64Array {
  const power = x ** -b;
  const share = Math.exp(-a * power - c);
  const scaled = (1 - g) * share;
  into[0] = 1 - share;
  into[1] = -scaled * power;
  // At x = Infinity the product 0 · ∞ stands for a limit that is 0.
  into[2] = power === 0 ? 0 : scaled * a * power * Math.log(x);
  into[3] = -scaled;
  return into;
}
