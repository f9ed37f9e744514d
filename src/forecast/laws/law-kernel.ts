/** The exponential law's residuals and derivatives in θ = (g, ln a, b, k = exp(−c)): y = g + (1 − g) k exp(−a x^−b). */
import type { LawPrior } from './law-prior.ts';

export const LAW_PARAMETERS = 4;

/** What a law is fitted to, and what of it is kept between residuals and curvature. */
export type LawValues = {
  points: number;
  y: Float64Array;
  prior: LawPrior | null;
  /** ln x and √w (points or more). */
  logX: Float64Array;
  rootWeights: Float64Array;
  /** a x^−b and exp(−a x^−b) at the θ evaluated last. */
  missing: Float64Array;
  share: Float64Array;
};

type Output = { readonly residuals: Float64Array; readonly jacobian: Float64Array };

/** √w (fit − y) of every point, with its derivatives. */
export function writeData(
  { points, logX, y, rootWeights, missing, share }: LawValues,
  theta: Float64Array,
  { residuals, jacobian }: Output,
): void {
  const g = theta[0]!;
  const logA = theta[1]!;
  const b = theta[2]!;
  const k = theta[3]!;
  for (let i = 0; i < points; i += 1) {
    const nats = Math.exp(logA - b * logX[i]!);
    const e = Math.exp(-nats);
    missing[i] = nats;
    share[i] = e;
    const root = rootWeights[i]!;
    residuals[i] = root * (g + (1 - g) * k * e - y[i]!);
    const at = i * LAW_PARAMETERS;
    const scaled = root * (1 - g) * e;
    const slope = -scaled * k * nats;
    jacobian[at] = root * (1 - k * e);
    jacobian[at + 1] = slope;
    jacobian[at + 2] = -slope * logX[i]!;
    jacobian[at + 3] = scaled;
  }
}

/**
 * Second derivatives of E = exp(−m), m = exp(u − b s), u = ln a, s = ln x: E_u = −m E, E_b = m s E, E_uu = m E (m − 1),
 * E_ub = m s E (1 − m), E_bb = m s² E (m − 1). Adds Σ r ∂²r to the lower triangle of `hessian`, at the θ evaluated last.
 */
export function addCurvature(
  { points, logX, rootWeights, missing, share, prior }: LawValues,
  theta: Float64Array,
  { residuals, hessian }: { residuals: Float64Array; hessian: Float64Array },
): void {
  const g = theta[0]!;
  const k = theta[3]!;
  for (let i = 0; i < points; i += 1) {
    const force = rootWeights[i]! * residuals[i]!;
    const e = force * share[i]!;
    const m = missing[i]!;
    const s = logX[i]!;
    const rise = (1 - g) * k;
    hessian[4]! += k * m * e;
    hessian[5]! += rise * m * e * (m - 1);
    hessian[8]! -= k * m * s * e;
    hessian[9]! += rise * m * s * e * (1 - m);
    hessian[10]! += rise * m * s * s * e * (m - 1);
    hessian[12]! -= e;
    hessian[13]! -= (1 - g) * m * e;
    hessian[14]! += (1 - g) * m * s * e;
  }
  if (prior === null) return;
  hessian[10]! -= residuals[points + 2]! / (theta[2]! * theta[2]! * prior.logB.sd);
  hessian[15]! += residuals[points + 3]! / (k * k * prior.c.sd);
}

/** The prior's standardised residuals, from row `at` on. */
export function writePrior(
  { g, logA, logB, c }: LawPrior,
  theta: Float64Array,
  { residuals, jacobian, at }: Output & { at: number },
): void {
  residuals[at] = (theta[0]! - g.mean) / g.sd;
  residuals[at + 1] = (theta[1]! - logA.mean) / logA.sd;
  residuals[at + 2] = (Math.log(theta[2]!) - logB.mean) / logB.sd;
  residuals[at + 3] = (-Math.log(theta[3]!) - c.mean) / c.sd;
  const first = at * LAW_PARAMETERS;
  jacobian.fill(0, first, first + LAW_PARAMETERS * LAW_PARAMETERS);
  jacobian[first] = 1 / g.sd;
  jacobian[first + 5] = 1 / logA.sd;
  jacobian[first + 10] = 1 / (theta[2]! * logB.sd);
  jacobian[first + 15] = -1 / (theta[3]! * c.sd);
}
