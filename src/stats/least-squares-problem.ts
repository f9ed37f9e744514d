/** A nonlinear least-squares problem, the buffers of one solve, and the normal equations in them. */
import { choleskyInPlace, choleskySolve } from './linear-algebra.ts';

export type LeastSquaresProblem = {
  readonly parameterCount: number;
  readonly residualCount: number;
  /** Bounds (parameterCount); may be infinite. A parameter with equal bounds is fixed. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Writes the residuals at `parameters` and their Jacobian (residuals, parameters), row-major. */
  evaluate(parameters: Float64Array, residuals: Float64Array, jacobian: Float64Array): void;
  /**
   * Adds Σ r_i ∂²r_i / ∂p² at the parameters evaluated last to the lower triangle of `hessian` (parameters, parameters),
   * which makes the steps Newton's: for valleys so flat that their floor is shaped by what cannot be fitted.
   */
  addCurvature?(parameters: Float64Array, residuals: Float64Array, hessian: Float64Array): void;
  /**
   * Moves the end of a step, in place and within the bounds, to a better point that is found at once: the optimum over
   * parameters in which the model is linear (variable projection). Keeps to curved valleys where plain steps leave them.
   */
  settle?(parameters: Float64Array): void;
};

/** Buffers of one solve. */
export type LeastSquaresWorkspace = {
  readonly parameterCount: number;
  readonly residualCount: number;
  readonly trial: Float64Array;
  readonly step: Float64Array;
  readonly gradient: Float64Array;
  readonly scale: Float64Array;
  readonly solution: Float64Array;
  readonly free: Int32Array;
  readonly normal: Float64Array;
  readonly hessian: Float64Array;
  readonly factor: Float64Array;
  readonly residuals: Float64Array;
  readonly jacobian: Float64Array;
};

/** A pivot of the correlation matrix below which a variance has no trustworthy digit. */
const SINGULAR_PIVOT = 1e-12;

export function createLeastSquaresWorkspace(
  parameterCount: number,
  residualCount: number,
): LeastSquaresWorkspace {
  const vector = () => new Float64Array(parameterCount);
  return {
    parameterCount,
    residualCount,
    trial: vector(),
    step: vector(),
    gradient: vector(),
    scale: vector(),
    solution: vector(),
    free: new Int32Array(parameterCount),
    normal: new Float64Array(parameterCount * parameterCount),
    hessian: new Float64Array(parameterCount * parameterCount),
    factor: new Float64Array(parameterCount * parameterCount),
    residuals: new Float64Array(residualCount),
    jacobian: new Float64Array(residualCount * parameterCount),
  };
}

/** JᵀJ (lower triangle), the Hessian (full), Jᵀr and the largest column norms seen; false where one is not finite. */
export function normalEquations(
  problem: LeastSquaresProblem,
  parameters: Float64Array,
  { jacobian, residuals, normal, hessian, gradient, scale }: LeastSquaresWorkspace,
): boolean {
  const { parameterCount: p, residualCount } = problem;
  normal.fill(0);
  gradient.fill(0);
  for (let r = 0, row = 0; r < residualCount; r += 1, row += p) {
    const residual = residuals[r]!;
    for (let i = 0; i < p; i += 1) {
      const value = jacobian[row + i]!;
      gradient[i]! += value * residual;
      for (let j = 0; j <= i; j += 1) normal[i * p + j]! += value * jacobian[row + j]!;
    }
  }
  for (let i = 0; i < p; i += 1) {
    scale[i] = Math.max(scale[i]!, normal[i * p + i]!);
    for (let j = 0; j <= i; j += 1) hessian[i * p + j] = normal[i * p + j]!;
  }
  problem.addCurvature?.(parameters, residuals, hessian);
  let sum = 0;
  for (let i = 0; i < p; i += 1) {
    sum += gradient[i]! + hessian[i * p + i]!;
    for (let j = 0; j < i; j += 1) {
      hessian[j * p + i] = hessian[i * p + j]!;
      sum += hessian[i * p + j]!;
    }
  }
  return Number.isFinite(sum);
}

/** (JᵀJ)⁻¹ of what is on no bound, zeros elsewhere; null where it is singular. */
export function inverseNormal(
  { parameterCount: p, lower, upper }: LeastSquaresProblem,
  parameters: Float64Array,
  { normal, factor, solution, free }: LeastSquaresWorkspace,
): Float64Array | null {
  let count = 0;
  for (let i = 0; i < p; i += 1) {
    if (parameters[i]! > lower[i]! && parameters[i]! < upper[i]!) free[count++] = i;
  }
  const norm = (k: number) => Math.sqrt(normal[free[k]! * (p + 1)]!);
  for (let a = 0; a < count; a += 1) {
    if (!(norm(a) > 0 && norm(a) < Infinity)) return null;
    for (let b = 0; b <= a; b += 1) {
      factor[a * count + b] = normal[free[a]! * p + free[b]!]! / (norm(a) * norm(b));
    }
  }
  if (!choleskyInPlace(factor, count)) return null;
  for (let a = 0; a < count; a += 1) {
    if (factor[a * count + a]! ** 2 < SINGULAR_PIVOT) return null;
  }
  const covariance = new Float64Array(p * p);
  for (let b = 0; b < count; b += 1) {
    for (let a = 0; a < count; a += 1) solution[a] = a === b ? 1 : 0;
    choleskySolve(factor, count, solution);
    for (let a = 0; a < count; a += 1) {
      covariance[free[a]! * p + free[b]!] = solution[a]! / (norm(a) * norm(b));
    }
  }
  return covariance;
}
