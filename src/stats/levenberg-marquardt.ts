/**
 * Bounded nonlinear least squares: minimises Σ r_i(p)² over lower ≤ p ≤ upper, for about eight parameters and a few
 * hundred residuals. Levenberg–Marquardt on the normal equations with Marquardt's scaling (the largest column norm seen,
 * as in MINPACK) and Nielsen's damping (IMM 1999). Parameters whose step would cross a bound are put on it and the others
 * are solved for again. Finds a stationary point, not the global optimum: starts are the caller's.
 *
 * By hand because ml-levenberg-marquardt takes finite differences, allocates in each step and cannot say that it failed.
 */
import { boundedStep, isHeld } from './bounded-step.ts';
import {
  createLeastSquaresWorkspace,
  inverseNormal,
  type LeastSquaresProblem,
  type LeastSquaresWorkspace,
  normalEquations,
} from './least-squares-problem.ts';

export type LeastSquaresOptions = {
  /** @default 200 */
  readonly maxIterations?: number;
  /** Stops when the reductions seen and foreseen are below this share of the objective. @default 1e-13 */
  readonly objectiveTolerance?: number;
  /** Whether to work out the covariance. @default true */
  readonly covariance?: boolean;
  /** Buffers to use again, for one solve at a time: `evaluate` must not start another solve with them. */
  readonly workspace?: LeastSquaresWorkspace;
};

export type LeastSquaresStop =
  | 'exact'
  | 'gradient'
  | 'objective'
  | 'step'
  | 'iterations'
  | 'not finite';

export type LeastSquaresResult = {
  /** Within the bounds. */
  readonly parameters: Float64Array;
  /** Σ r², not halved; Infinity where the residuals at the start are not finite. */
  readonly objective: number;
  readonly converged: boolean;
  readonly stopReason: LeastSquaresStop;
  /** Steps tried, whether taken or not. */
  readonly iterations: number;
  /**
   * (JᵀJ)⁻¹ (parameters, parameters), not scaled by the residual variance. Rows and columns of parameters on a bound are
   * zero. null where it is singular or was not asked for.
   */
  readonly covariance: Float64Array | null;
};

const MAX_ITERATIONS = 200;
/** Objectives are compared at 1e-6 elsewhere; a narrow valley gains little in a step, hence so far below. */
const OBJECTIVE_TOLERANCE = 1e-13;
/** Cosine between the residuals and every column of J, below which what is left is rounding. */
const GRADIENT_TOLERANCE = 1e-12;
const STEP_TOLERANCE = 1e-14;
/** An objective that is nothing but the rounding of residuals of order one. */
const EXACT_OBJECTIVE = 1e-30;
/** Of the scaled diagonal; MINPACK's customary start for problems that are given a fair one. */
const FIRST_DAMPING = 1e-3;
const LEAST_DAMPING = 1e-15;
/** Beyond it a step is shorter than rounding. */
const MOST_DAMPING = 1e20;
/** Of the foreseen reduction: a step that gains less is refused. */
const LEAST_GAIN = 1e-4;
/** Nielsen has 1/3; by tenths, short problems end some steps sooner. */
const QUICKEST_RELIEF = 0.1;

/** Never throws for a hard problem and never returns NaN: not converging is a result. */
export function minimiseLeastSquares(
  problem: LeastSquaresProblem,
  start: ArrayLike<number>,
  options: LeastSquaresOptions = {},
): LeastSquaresResult {
  const work = fittingWorkspace(problem, options.workspace);
  const parameters = clampedStart(problem, start);
  const descent = descend(problem, parameters, { work, options });
  const known = options.covariance !== false && Number.isFinite(descent.objective);
  const covariance = known ? inverseNormal(problem, parameters, work) : null;
  return { parameters, ...descent, covariance };
}

function fittingWorkspace(
  { parameterCount, residualCount }: LeastSquaresProblem,
  given: LeastSquaresWorkspace | undefined,
): LeastSquaresWorkspace {
  const fits =
    given !== undefined &&
    given.parameterCount >= parameterCount &&
    given.residualCount >= residualCount;
  return fits ? given : createLeastSquaresWorkspace(parameterCount, residualCount);
}

/** The nearest point of the box; a coordinate that is NaN counts as 0. */
function clampedStart(problem: LeastSquaresProblem, start: ArrayLike<number>): Float64Array {
  const parameters = new Float64Array(problem.parameterCount);
  for (let i = 0; i < parameters.length; i += 1) {
    parameters[i] = Math.min(problem.upper[i]!, Math.max(problem.lower[i]!, start[i]! || 0));
  }
  return parameters;
}

type Descent = Pick<LeastSquaresResult, 'objective' | 'converged' | 'stopReason' | 'iterations'>;

/** Moves `parameters` to the minimum; leaves JᵀJ there in `work.normal`. */
function descend(
  problem: LeastSquaresProblem,
  parameters: Float64Array,
  { work, options }: { work: LeastSquaresWorkspace; options: LeastSquaresOptions },
): Descent {
  const { maxIterations = MAX_ITERATIONS, objectiveTolerance = OBJECTIVE_TOLERANCE } = options;
  let objective = evaluated(problem, parameters, work);
  if (objective === Infinity) return ended('not finite', Infinity, 0);
  work.scale.fill(0);
  if (!normalEquations(problem, parameters, work)) return ended('not finite', objective, 0);
  let damping = FIRST_DAMPING;
  let growth = 2;
  for (let iteration = 0; ; iteration += 1) {
    if (objective <= EXACT_OBJECTIVE) return ended('exact', objective, iteration);
    if (isStationary(problem, parameters, { work, objective })) {
      return ended('gradient', objective, iteration);
    }
    if (iteration >= maxIterations) return ended('iterations', objective, iteration);
    const foreseen = boundedStep(problem, parameters, { work, damping });
    if (foreseen > 0 && isNoStep(problem, parameters, work)) {
      return ended('step', objective, iteration);
    }
    if (foreseen > 0) problem.settle?.(work.trial);
    const next = foreseen > 0 ? evaluated(problem, work.trial, work) : Infinity;
    const seen = objective - next;
    const limit = objectiveTolerance * objective;
    if (seen > LEAST_GAIN * foreseen) {
      for (let i = 0; i < problem.parameterCount; i += 1) parameters[i] = work.trial[i]!;
      objective = next;
      if (!normalEquations(problem, parameters, work)) {
        return ended('not finite', objective, iteration + 1);
      }
      const factor = 1 - (2 * (seen / foreseen) - 1) ** 3;
      damping = Math.max(LEAST_DAMPING, damping * Math.max(QUICKEST_RELIEF, factor));
      growth = 2;
    } else {
      damping *= growth;
      growth *= 2;
    }
    if (foreseen <= limit && Math.abs(seen) <= limit) {
      return ended('objective', objective, iteration + 1);
    }
    if (damping > MOST_DAMPING) return ended('step', objective, iteration + 1);
  }
}

/**
 * Σ r² at `parameters`, with residuals and Jacobian left in `work`: a step that is refused has overwritten them, but not
 * the normal equations, which are all that is used of the last step that was taken. Infinity where it is not finite.
 */
function evaluated(
  problem: LeastSquaresProblem,
  parameters: Float64Array,
  { residuals, jacobian }: LeastSquaresWorkspace,
): number {
  problem.evaluate(parameters, residuals, jacobian);
  let sum = 0;
  for (let i = 0; i < problem.residualCount; i += 1) sum += residuals[i]! * residuals[i]!;
  return sum < Infinity ? sum : Infinity;
}

function ended(stopReason: LeastSquaresStop, objective: number, iterations: number): Descent {
  const converged = stopReason !== 'iterations' && stopReason !== 'not finite';
  return { objective, converged, stopReason, iterations };
}

function isStationary(
  problem: LeastSquaresProblem,
  parameters: Float64Array,
  { work, objective }: { work: LeastSquaresWorkspace; objective: number },
): boolean {
  const { parameterCount: p } = problem;
  for (let i = 0; i < p; i += 1) {
    const slope = work.gradient[i]!;
    const limit = GRADIENT_TOLERANCE * Math.sqrt(work.normal[i * p + i]! * objective);
    if (Math.abs(slope) > limit && !isHeld(problem, parameters[i]!, { i, slope })) return false;
  }
  return true;
}

function isNoStep(
  { parameterCount }: LeastSquaresProblem,
  parameters: Float64Array,
  { step }: LeastSquaresWorkspace,
): boolean {
  for (let i = 0; i < parameterCount; i += 1) {
    if (Math.abs(step[i]!) > STEP_TOLERANCE * (Math.abs(parameters[i]!) + STEP_TOLERANCE)) {
      return false;
    }
  }
  return true;
}
