import type { LeastSquaresResult } from '../../stats/index.ts';
import { clamp } from './clamp.ts';
import { evaluateLaw, LAW_BOUNDS, type LawParameters } from './exponential-law.ts';
import { constantObjective, usableMean, whyUnfittable } from './fittable.ts';
import { descendLaw } from './law-descent.ts';
import { LAW_PARAMETERS } from './law-kernel.ts';
import type { LawPrior } from './law-prior.ts';
import {
  createLawProblem,
  fromTheta,
  type GuessRange,
  type LawData,
  loadLawProblem,
  toTheta,
} from './law-problem.ts';
import { lawStarts } from './law-starts.ts';

export type LawFitOptions = GuessRange & {
  /** @default null */
  readonly prior?: LawPrior | null;
  /** Valleys of the landscape that are descended into, at most. @default 4 */
  readonly starts?: number;
  /** Descends from here alone: for bootstrap replicates of a fit that is known. */
  readonly start?: LawParameters;
};

export type LawFit = {
  readonly parameters: LawParameters;
  readonly converged: boolean;
  /** Why it did not converge; null where it did. */
  readonly reason: string | null;
  /** Σ w (y − fit)² over the points, without the prior. */
  readonly objective: number;
  /** The sum of the prior's squares, which was minimised together with `objective`; 0 without a prior. */
  readonly penalty: number;
  /** y − fit (points), not weighted; 0 where y is not finite. */
  readonly residuals: Float64Array;
  /**
   * Covariance (4, 4) of (g, a, b, c), (JᵀJ)⁻¹ with the prior in J: right where the weights are inverse variances, to be
   * multiplied by objective / degreesOfFreedom where they are ones. Zeros for a fixed g and for parameters on a bound;
   * null where the data do not determine the rest.
   */
  readonly covariance: Float64Array | null;
  /** Points of positive weight less fitted parameters, at least 0. */
  readonly degreesOfFreedom: number;
  /** Of all descents. */
  readonly iterations: number;
};

const STARTS = 4;
const LEAST_POINTS = 3;
// One fit at a time: nothing here is asynchronous or calls back.
const problem = createLawProblem();

/**
 * Fits y(x) = g + (1 − g) exp(−a x^−b − c) by weighted least squares within `LAW_BOUNDS`: the best of the descents from
 * the valleys of the landscape over (a, b), and from the best node of its edge c = 0. Data that cannot be fitted give their best constant, with the reason.
 */
export function fitExponentialLaw(data: LawData, options: LawFitOptions): LawFit {
  const obstacle = obstacleTo(data, options);
  if (obstacle !== null) return bestConstant(data, options, obstacle);
  const { prior = null, starts = STARTS, start } = options;
  loadLawProblem(problem, data, { chance: options.chance, guess: options.guess, prior });
  const from =
    start === undefined
      ? lawStarts(problem, Math.max(1, starts))
      : { valleys: [toTheta(start)], uncapped: null };
  const { best, iterations } = descendLaw(problem, from);
  if (best === null || best.stopReason === 'not finite') {
    return bestConstant(data, options, 'the law is not finite at its start');
  }
  return toLawFit(data, best, iterations);
}

function obstacleTo({ x, y, weights }: LawData, { chance }: LawFitOptions): string | null {
  if (!(chance >= 0 && chance <= LAW_BOUNDS.g.upper)) return `a chance of ${chance}`;
  const nothing = x.findIndex((value) => value <= 0);
  if (nothing >= 0) return `compute ${x[nothing]!} at point ${nothing}`;
  return whyUnfittable({ axis: x, y, weights }, LEAST_POINTS);
}

function toLawFit(
  { x, y, weights }: LawData,
  best: LeastSquaresResult,
  iterations: number,
): LawFit {
  const parameters = fromTheta(best.parameters);
  const residuals = new Float64Array(x.length);
  let [objective, points] = [0, 0];
  for (let i = 0; i < x.length; i += 1) {
    residuals[i] = y[i]! - evaluateLaw(parameters, x[i]!);
    objective += weights[i]! * residuals[i]! ** 2;
    if (weights[i]! > 0) points += 1;
  }
  return {
    parameters,
    converged: best.converged,
    reason: best.converged ? null : `no convergence in ${best.iterations} iterations`,
    objective,
    penalty: Math.max(0, best.objective - objective),
    residuals,
    covariance: best.covariance === null ? null : lawCovariance(best.covariance, parameters),
    degreesOfFreedom: Math.max(0, points - (problem.lower[0] === problem.upper[0] ? 3 : 4)),
    iterations,
  };
}

/** From θ = (g, ln a, b, exp(−c)) to (g, a, b, c), in place. */
function lawCovariance(covariance: Float64Array, { a, c }: LawParameters): Float64Array {
  const scale = [1, a, 1, -Math.exp(c)];
  for (let i = 0; i < LAW_PARAMETERS; i += 1) {
    for (let j = 0; j < LAW_PARAMETERS; j += 1) {
      covariance[i * LAW_PARAMETERS + j]! *= scale[i]! * scale[j]!;
    }
  }
  return covariance;
}

/** The constant law next to the mean of what is usable. */
function bestConstant({ y, weights }: LawData, options: LawFitOptions, reason: string): LawFit {
  const { a, b, c: C } = LAW_BOUNDS;
  const g = clamp(options.chance || 0, LAW_BOUNDS.g.lower, LAW_BOUNDS.g.upper);
  const ceiling = (usableMean({ y, weights }, g) - g) / (1 - g);
  const c = clamp(0 - Math.log(Math.max(0, ceiling)), C.lower, C.upper);
  const level = g + (1 - g) * Math.exp(-c);
  return {
    parameters: { g, a: a.lower, b: b.lower, c },
    converged: false,
    reason,
    objective: constantObjective({ y, weights }, level),
    penalty: 0,
    residuals: y.map((value) => (Number.isFinite(value) ? value - level : 0)),
    covariance: null,
    degreesOfFreedom: 0,
    iterations: 0,
  };
}
