/** The damped step of Levenberg and Marquardt inside a box. */
import type { LeastSquaresProblem, LeastSquaresWorkspace } from './least-squares-problem.ts';
import { choleskyInPlace, choleskySolve } from './linear-algebra.ts';

/** Whether the bounds hold parameter `i`: it is fixed, or on a bound that the descent pushes it against. */
export function isHeld(
  { lower, upper }: LeastSquaresProblem,
  value: number,
  { i, slope }: { i: number; slope: number },
): boolean {
  const low = lower[i]!;
  const high = upper[i]!;
  return low === high || (value <= low && slope >= 0) || (value >= high && slope <= 0);
}

/**
 * The damped step into `work.step` and its end into `work.trial`, inside the bounds. Returns the reduction of the
 * objective that the model foresees; 0 where the equations could not be solved.
 */
export function boundedStep(
  problem: LeastSquaresProblem,
  parameters: Float64Array,
  { work, damping }: { work: LeastSquaresWorkspace; damping: number },
): number {
  const { parameterCount: p, lower, upper } = problem;
  const { step, trial, free, solution, gradient, hessian } = work;
  let count = 0;
  for (let i = 0; i < p; i += 1) {
    step[i] = 0;
    trial[i] = parameters[i]!;
    if (!isHeld(problem, parameters[i]!, { i, slope: gradient[i]! })) free[count++] = i;
  }
  for (let crossed = true; crossed && count > 0; ) {
    if (!solveFree(work, p, { count, damping })) return 0;
    crossed = false;
    let kept = 0;
    for (let k = 0; k < count; k += 1) {
      const i = free[k]!;
      const end = parameters[i]! + solution[k]!;
      trial[i] = Math.min(upper[i]!, Math.max(lower[i]!, end));
      if (trial[i] !== end) {
        step[i] = trial[i] - parameters[i]!;
        crossed = true;
      } else free[kept++] = i;
    }
    if (!crossed) for (let k = 0; k < count; k += 1) step[free[k]!] = solution[k]!;
    count = kept;
  }
  let change = 0;
  for (let i = 0; i < p; i += 1) {
    let sum = 2 * gradient[i]!;
    for (let j = 0; j < p; j += 1) sum += hessian[i * p + j]! * step[j]!;
    change += sum * step[i]!;
  }
  return change < 0 ? -change : 0;
}

/** Solves (H + damping · scale) δ = −Jᵀr for the free parameters, the steps of the others being given. */
function solveFree(
  { free, step, solution, gradient, hessian, factor, scale }: LeastSquaresWorkspace,
  p: number,
  { count, damping }: { count: number; damping: number },
): boolean {
  for (let a = 0; a < count; a += 1) {
    const i = free[a]!;
    let right = -gradient[i]!;
    for (let j = 0; j < p; j += 1) right -= hessian[i * p + j]! * step[j]!;
    solution[a] = right;
    for (let b = 0; b < a; b += 1) factor[a * count + b] = hessian[i * p + free[b]!]!;
    // A column that has always been zero takes no step, whatever it is divided by.
    factor[a * count + a] = hessian[i * p + i]! + damping * (scale[i]! || 1);
  }
  if (!choleskyInPlace(factor, count)) return false;
  choleskySolve(factor, count, solution);
  for (let a = 0; a < count; a += 1) if (!Number.isFinite(solution[a]!)) return false;
  return true;
}
