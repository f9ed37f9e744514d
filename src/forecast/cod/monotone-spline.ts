/**
 * Monotone cubic smoothing spline through (0, 0) and (1, 1): a convex combination of I-splines (Ramsay 1988), f(s) =
 * Σ wⱼ Iⱼ(s) with w ≥ 0 and Σ w = 1, which rises from 0 to 1 whatever the weights are. Weights by exponentiated gradient
 * steps on least squares, pulled lightly to those of the identity; knots are added at quantiles of the points until the
 * root mean square error is below `wantedRmse`.
 */
import type { MapPoint } from './map-point.ts';

/** The paper's bound. */
const wantedRmse = 0.005;
const maxInteriorKnots = 6;
const degree = 3;
const steps = 1500;
/** Weight of the pull to the identity, against one point's squared error. */
const smoothing = 1e-4;

export function fitMonotoneSpline(points: readonly MapPoint[]): {
  evaluate(s: number): number;
  interiorKnots: number;
} {
  const sorted = points.map(({ subset }) => subset).sort((a, b) => a - b);
  let best = fitWithKnots(points, []);
  for (let count = 1; count <= maxInteriorKnots && best.rmse >= wantedRmse; count += 1) {
    const knots = quantileKnots(sorted, count);
    if (knots.length < count) break;
    const fitted = fitWithKnots(points, knots);
    if (fitted.rmse < best.rmse) best = fitted;
  }
  return best;
}

/** Distinct values inside (0, 1) at equal shares of the points. */
function quantileKnots(sorted: readonly number[], count: number): number[] {
  const knots = Array.from({ length: count }, (_, k) => {
    const at = ((k + 1) / (count + 1)) * (sorted.length - 1);
    const below = Math.floor(at);
    const low = sorted[below] ?? 0;
    return low + (at - below) * ((sorted[below + 1] ?? low) - low);
  });
  const inside = knots.filter((knot) => knot > 0.001 && knot < 0.999);
  return [...new Set(inside)];
}

type Fitted = { evaluate(s: number): number; rmse: number; interiorKnots: number };

function fitWithKnots(points: readonly MapPoint[], interior: readonly number[]): Fitted {
  const basis = splineBasis(interior);
  const rows = points.map(({ subset }) => basis.integrated(subset));
  const weights = descend(points, rows, basis.identity);
  const evaluate = (s: number): number => dot(weights, basis.integrated(s));
  const squares = points.map(({ full }, i) => (dot(weights, rows[i]!) - full) ** 2);
  const rmse = Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / (points.length || 1));
  return { evaluate, rmse, interiorKnots: interior.length };
}

/** Least squares over the simplex by multiplicative updates, each kept only where it improves. */
function descend(
  points: readonly MapPoint[],
  rows: readonly Float64Array[],
  identity: Float64Array,
): Float64Array {
  let weights = identity;
  let rate = 4;
  let loss = lossOf(points, rows, { weights, identity });
  for (let step = 0; step < steps && rate > 1e-6; step += 1) {
    const gradient = weights.map((weight, j) => 2 * smoothing * (weight - identity[j]!));
    rows.forEach((row, i) => {
      const error = dot(weights, row) - points[i]!.full;
      row.forEach((value, j) => (gradient[j]! += 2 * error * value));
    });
    const moved = weights.map((weight, j) => weight * Math.exp(-rate * gradient[j]!));
    const total = moved.reduce((sum, weight) => sum + weight, 0);
    const candidate = moved.map((weight) => weight / total);
    const candidateLoss = lossOf(points, rows, { weights: candidate, identity });
    if (candidateLoss < loss) {
      const gain = loss - candidateLoss;
      [weights, loss, rate] = [candidate, candidateLoss, rate * 1.2];
      if (gain < 1e-14) break;
    } else rate /= 2;
  }
  return weights;
}

function lossOf(
  points: readonly MapPoint[],
  rows: readonly Float64Array[],
  { weights, identity }: { weights: Float64Array; identity: Float64Array },
): number {
  let loss = 0;
  rows.forEach((row, i) => (loss += (dot(weights, row) - points[i]!.full) ** 2));
  weights.forEach((weight, j) => (loss += smoothing * (weight - identity[j]!) ** 2));
  return loss;
}

/**
 * Cubic I-splines on [0, 1]: Iⱼ(s) = Σ_{k > j} Bₖ(s), with B the cubic B-splines; the weights that make the identity are
 * the differences of Greville's abscissae.
 */
function splineBasis(interior: readonly number[]): {
  integrated(s: number): Float64Array;
  identity: Float64Array;
} {
  const ends = Array.from({ length: degree + 1 }, () => 0);
  const knots = [...ends, ...interior, ...ends.map(() => 1)];
  const count = knots.length - degree - 1;
  const greville = Array.from(
    { length: count },
    (_, j) => knots.slice(j + 1, j + 1 + degree).reduce((sum, knot) => sum + knot, 0) / degree,
  );
  return {
    identity: Float64Array.from({ length: count - 1 }, (_, j) => greville[j + 1]! - greville[j]!),
    integrated: (s) => {
      const values = bSplines(knots, count, Math.min(1, Math.max(0, s)));
      const sums = new Float64Array(count - 1);
      let tail = 0;
      for (let j = count - 1; j >= 1; j -= 1) {
        tail += values[j]!;
        sums[j - 1] = tail;
      }
      return sums;
    },
  };
}

/** All B-splines at s, by de Boor's recursion. */
function bSplines(knots: readonly number[], count: number, s: number): Float64Array {
  const last = knots.length - 1;
  let values = Float64Array.from({ length: last }, (_, j) =>
    (s >= knots[j]! && s < knots[j + 1]!) || (s === 1 && knots[j]! < 1 && knots[j + 1] === 1)
      ? 1
      : 0,
  );
  for (let d = 1; d <= degree; d += 1) {
    values = Float64Array.from({ length: last - d }, (_, j) => {
      const left = knots[j + d]! - knots[j]!;
      const right = knots[j + d + 1]! - knots[j + 1]!;
      return (
        (left > 0 ? ((s - knots[j]!) / left) * values[j]! : 0) +
        (right > 0 ? ((knots[j + d + 1]! - s) / right) * values[j + 1]! : 0)
      );
    });
  }
  return values.slice(0, count);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += a[i]! * b[i]!;
  return sum;
}
