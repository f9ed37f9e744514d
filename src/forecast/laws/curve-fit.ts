/** What the other shapes of curve share: a curve with its gradient, descended into from several starts. */
import {
  type LeastSquaresProblem,
  type LeastSquaresResult,
  minimiseLeastSquares,
} from '../../stats/index.ts';
import { clamp } from './clamp.ts';
import type { Gaussian } from './law-prior.ts';

/** A fitted curve; `predict` takes what the curve is over, which each fit names. */
export type CurveFit<Parameters> = {
  readonly parameters: Parameters;
  /** Finite for every finite argument. */
  readonly predict: (at: number) => number;
  readonly converged: boolean;
  /** Why it did not converge; null where it did. Data that cannot be fitted give their best constant. */
  readonly reason: string | null;
  /** Σ w (y − fit)² over the points, with the squares of the prior where there is one. */
  readonly objective: number;
};

export type CurveShape = {
  /** Bounds (parameters). */
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  /** The value at point `i` under θ; writes its derivatives (parameters) into `gradient`. */
  value(theta: Float64Array, i: number, gradient: Float64Array): number;
  /** See `LeastSquaresProblem`. */
  settle?: (theta: Float64Array) => void;
  /** One a parameter, where given: each is one more residual. */
  readonly prior?: readonly Gaussian[] | null;
};

export type CurvePoints = { readonly y: Float64Array; readonly weights: Float64Array };

/** The best of the descents from `starts`; not null while there is a start. */
export function descendCurve(
  shape: CurveShape,
  points: CurvePoints,
  starts: readonly ArrayLike<number>[],
): LeastSquaresResult {
  const problem = curveProblem(shape, points);
  const [first, ...others] = starts.map((start) =>
    minimiseLeastSquares(problem, start, { covariance: false }),
  );
  if (first === undefined) throw new Error('a curve needs a start');
  return others.reduce((best, next) => (next.objective < best.objective ? next : best), first);
}

/** The `count` starts with the smallest objective, the best first. */
export function bestStarts(
  shape: CurveShape,
  points: CurvePoints,
  { candidates, count }: { candidates: readonly Float64Array[]; count: number },
): Float64Array[] {
  const problem = curveProblem(shape, points);
  const residuals = new Float64Array(problem.residualCount);
  const jacobian = new Float64Array(problem.residualCount * shape.lower.length);
  const ranked = candidates.map((candidate, index) => {
    const start = candidate.map((value, i) => clamp(value, shape.lower[i]!, shape.upper[i]!));
    shape.settle?.(start);
    problem.evaluate(start, residuals, jacobian);
    const objective = residuals.reduce((sum, residual) => sum + residual * residual, 0);
    return { start, index, objective: objective < Infinity ? objective : Infinity };
  });
  ranked.sort((a, b) => (a.objective < b.objective ? -1 : a.objective > b.objective ? 1 : 0));
  return ranked.slice(0, count).map(({ start }) => start);
}

function curveProblem(shape: CurveShape, { y, weights }: CurvePoints): LeastSquaresProblem {
  const { lower, upper, settle, prior = null } = shape;
  const width = lower.length;
  const roots = weights.map(Math.sqrt);
  const gradient = new Float64Array(width);
  return {
    parameterCount: width,
    residualCount: y.length + (prior?.length ?? 0),
    lower: Float64Array.from(lower),
    upper: Float64Array.from(upper),
    ...(settle === undefined ? {} : { settle }),
    evaluate: (theta, residuals, jacobian) => {
      for (let i = 0; i < y.length; i += 1) {
        const root = roots[i]!;
        residuals[i] = root * (shape.value(theta, i, gradient) - y[i]!);
        for (let k = 0; k < width; k += 1) jacobian[i * width + k] = root * gradient[k]!;
      }
      prior?.forEach(({ mean, sd }, k) => {
        const row = y.length + k;
        residuals[row] = (theta[k]! - mean) / sd;
        jacobian.fill(0, row * width, (row + 1) * width);
        jacobian[row * width + k] = 1 / sd;
      });
    },
  };
}

export function descentReason({ converged, iterations }: LeastSquaresResult): string | null {
  return converged ? null : `no convergence in ${iterations} iterations`;
}
