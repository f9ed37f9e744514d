/**
 * The exponential law as a least-squares problem in θ = (g, ln a, b, k = exp(−c)), in which it bends least and is
 * linear in g and in k. One residual √w (fit − y) a point, then four of the prior where there is one.
 */
import type { LeastSquaresProblem } from '../../stats/index.ts';
import { clamp } from './clamp.ts';
import { LAW_BOUNDS, type LawParameters } from './exponential-law.ts';
import {
  addCurvature,
  LAW_PARAMETERS,
  type LawValues,
  writeData,
  writePrior,
} from './law-kernel.ts';
import {
  createLinearPart,
  LEAST_CEILING,
  type LinearPart,
  shareMissing,
  solveLinearPart,
} from './law-linear-part.ts';
import type { LawPrior } from './law-prior.ts';

export type LawData = {
  /** Compute over that of the smallest model, > 0. */
  readonly x: Float64Array;
  /** Accuracy; may lie outside [0, 1]. */
  readonly y: Float64Array;
  /** Inverse variances of y, or ones; ≥ 0, in which 0 leaves a point out. */
  readonly weights: Float64Array;
};

/** Buffers and bounds are filled anew for each fit: small arrays cost more than what is worked out in them. */
export type LawProblem = LeastSquaresProblem &
  LawValues & {
    residualCount: number;
    weights: Float64Array;
    /** 1 − exp(−a x^−b) at the (a, b) settled last. */
    q: Float64Array;
    part: LinearPart;
  };

/** How the guessing rate is treated: held at `chance`, or free in its range. */
export type GuessRange = { readonly chance: number; readonly guess: 'fixed' | 'free' };

export function createLawProblem(): LawProblem {
  const none = new Float64Array(0);
  const problem: LawProblem = {
    parameterCount: LAW_PARAMETERS,
    residualCount: 0,
    lower: Float64Array.from(LOWER),
    upper: Float64Array.from(UPPER),
    points: 0,
    y: none,
    weights: none,
    prior: null,
    logX: none,
    rootWeights: none,
    q: none,
    missing: none,
    share: none,
    part: createLinearPart(),
    evaluate(theta, residuals, jacobian) {
      writeData(problem, theta, { residuals, jacobian });
      const { prior, points } = problem;
      if (prior !== null) writePrior(prior, theta, { residuals, jacobian, at: points });
    },
    addCurvature: (theta, residuals, hessian) =>
      addCurvature(problem, theta, { residuals, hessian }),
    settle: (theta) => {
      if (problem.prior === null) settle(problem, theta);
    },
  };
  return problem;
}

/** Takes `data` in; they are read, not copied, until the next call. */
export function loadLawProblem(
  problem: LawProblem,
  { x, y, weights }: LawData,
  { chance, guess, prior }: GuessRange & { readonly prior: LawPrior | null },
): void {
  const points = x.length;
  if (problem.logX.length < points) {
    problem.logX = new Float64Array(points);
    problem.rootWeights = new Float64Array(points);
    problem.q = new Float64Array(points);
    problem.missing = new Float64Array(points);
    problem.share = new Float64Array(points);
  }
  for (let i = 0; i < points; i += 1) {
    problem.logX[i] = Math.log(x[i]!);
    problem.rootWeights[i] = Math.sqrt(weights[i]!);
  }
  problem.points = points;
  problem.y = y;
  problem.weights = weights;
  problem.prior = prior;
  problem.residualCount = points + (prior === null ? 0 : LAW_PARAMETERS);
  problem.lower[0] = guess === 'fixed' ? chance : G.lower;
  problem.upper[0] = guess === 'fixed' ? chance : G.upper;
  problem.part.least = problem.lower[0];
  problem.part.most = problem.upper[0];
  boundCeiling(problem, LEAST_CEILING);
}

/** Sets the least k = exp(−c): 1 for the laws with c = 0 alone, which rise to 1. */
export function boundCeiling(problem: LawProblem, least: number): void {
  problem.lower[3] = least;
  problem.part.leastCeiling = least;
}

const { g: G, a: A, b: B, c: C } = LAW_BOUNDS;
const LOWER = [G.lower, Math.log(A.lower), B.lower, LEAST_CEILING];
const UPPER = [G.upper, Math.log(A.upper), B.upper, Math.exp(-C.lower)];

/**
 * The valleys of a law without prior bend: as g, a and k move along one, only their product shows. Solving for g and k
 * keeps to its floor. With a prior no valley is that flat, and c is not linear in k.
 */
function settle(problem: LawProblem, theta: Float64Array): void {
  const { points, logX, q, part } = problem;
  const logA = theta[1]!;
  const b = theta[2]!;
  for (let i = 0; i < points; i += 1) q[i] = shareMissing(Math.exp(logA - b * logX[i]!));
  solveLinearPart(part, problem, q);
  theta[0] = part.g;
  theta[3] = part.k;
}

export function toTheta({ g, a, b, c }: LawParameters): Float64Array {
  return Float64Array.of(g, Math.log(a), b, Math.exp(-c));
}

export function fromTheta(theta: Float64Array): LawParameters {
  // The rounding of exp and log is kept inside the box.
  return {
    g: theta[0]!,
    a: clamp(Math.exp(theta[1]!), A.lower, A.upper),
    b: theta[2]!,
    // 0 less the logarithm, so that a ceiling of one gives 0 and not −0.
    c: clamp(0 - Math.log(theta[3]!), C.lower, C.upper),
  };
}
