/**
 * Variable projection (Golub and Pereyra 1973): for given (a, b) the law is A − K q with q = 1 − exp(−a x^−b),
 * A = g + K and K = (1 − g) k, linear in A and K, and the best (g, k) in their box is written down at once. Sums are
 * centred: for small a, q is small and all but constant.
 */
import { clamp } from './clamp.ts';
import { LAW_BOUNDS } from './exponential-law.ts';

export type LinearPart = {
  /** Bounds of g; equal where it is fixed. */
  least: number;
  most: number;
  /** Least k; 1 leaves only laws that rise to 1. */
  leastCeiling: number;
  weight: number;
  meanQ: number;
  meanY: number;
  qq: number;
  qy: number;
  yy: number;
  /** The best found, and its objective. */
  g: number;
  k: number;
  objective: number;
};

export type WeightedPoints = {
  readonly points: number;
  readonly y: Float64Array;
  readonly weights: Float64Array;
};

export const LEAST_CEILING: number = Math.exp(-LAW_BOUNDS.c.upper);

export function createLinearPart(): LinearPart {
  const sums = { weight: 0, meanQ: 0, meanY: 0, qq: 0, qy: 0, yy: 0 };
  return {
    least: 0,
    most: 0,
    leastCeiling: LEAST_CEILING,
    ...sums,
    g: 0,
    k: 0,
    objective: Infinity,
  };
}

/** 1 − exp(−missing) for missing ≥ 0, to full relative precision: Math.expm1 costs three times Math.exp. */
export function shareMissing(missing: number): number {
  if (missing > 1e-3) return 1 - Math.exp(-missing);
  return missing * (1 - missing * (1 / 2 - missing * (1 / 6 - missing / 24)));
}

/** Sets g and k to the best for these q (points), and `objective` to Σ w (fit − y)² there. */
export function solveLinearPart(
  part: LinearPart,
  { points, y, weights }: WeightedPoints,
  q: Float64Array,
): void {
  let [weight, sumQ, sumY] = [0, 0, 0];
  for (let i = 0; i < points; i += 1) {
    weight += weights[i]!;
    sumQ += weights[i]! * q[i]!;
    sumY += weights[i]! * y[i]!;
  }
  const meanQ = sumQ / weight;
  const meanY = sumY / weight;
  let [qq, qy, yy] = [0, 0, 0];
  for (let i = 0; i < points; i += 1) {
    const dq = q[i]! - meanQ;
    const dy = y[i]! - meanY;
    qq += weights[i]! * dq * dq;
    qy += weights[i]! * dq * dy;
    yy += weights[i]! * dy * dy;
  }
  part.weight = weight;
  part.meanQ = meanQ;
  part.meanY = meanY;
  part.qq = qq;
  part.qy = qy;
  part.yy = yy;
  part.objective = Infinity;
  if (part.least < part.most && consideredInside(part)) return;
  // The objective is convex: its minimum is on an edge of the box, on which it is a parabola.
  considerGuess(part, part.least);
  if (part.least === part.most) return;
  considerGuess(part, part.most);
  considerCeiling(part, part.leastCeiling);
  considerCeiling(part, 1);
}

/** Sets g to the best with k = 1, for the q solved last, and k and `objective` with it. */
export function solveWithoutCeiling(part: LinearPart): void {
  part.objective = Infinity;
  considerCeiling(part, 1);
}

function consideredInside(part: LinearPart): boolean {
  if (!(part.qq > 0)) return false;
  const rise = -part.qy / part.qq;
  const g = part.meanY + rise * part.meanQ - rise;
  const k = rise / (1 - g);
  if (!(g >= part.least && g <= part.most && k >= part.leastCeiling && k <= 1)) return false;
  consider(part, g, k);
  return true;
}

function considerGuess(part: LinearPart, g: number): void {
  const { weight, meanQ, meanY, qq, qy } = part;
  const share = 1 - meanQ;
  const curvature = weight * share * share + qq;
  const rise = curvature > 0 ? -(weight * (g - meanY) * share + qy) / curvature : 0;
  consider(part, g, clamp(rise / (1 - g), part.leastCeiling, 1));
}

/** On k = const the fit is 1 − h (1 − k + k q) with h = 1 − g. */
function considerCeiling(part: LinearPart, k: number): void {
  const { least, most, weight, meanQ, meanY, qq, qy } = part;
  const slope = 1 - k + k * meanQ;
  const curvature = weight * slope * slope + k * k * qq;
  const h = curvature > 0 ? (weight * (1 - meanY) * slope - k * qy) / curvature : 1;
  consider(part, clamp(1 - h, least, most), k);
}

function consider(part: LinearPart, g: number, k: number): void {
  const rise = (1 - g) * k;
  const offset = g + rise - part.meanY - rise * part.meanQ;
  const objective =
    part.weight * offset * offset + rise * rise * part.qq + 2 * rise * part.qy + part.yy;
  if (objective < part.objective) {
    part.g = g;
    part.k = k;
    part.objective = objective;
  }
}
