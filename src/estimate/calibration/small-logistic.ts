import { choleskyInPlace, choleskySolve } from '../../stats/index.ts';
import { sigmoid } from './log-odds.ts';

export type SmallLogistic = {
  /** One list a coefficient; a constant one for the intercept. */
  readonly columns: readonly Float64Array[];
  /** Rates, from 0 to 1, and how many questions each stands for. */
  readonly rates: Float64Array;
  readonly weights: Float64Array;
  /** Where the fit starts, and where `ridge` draws it to. */
  readonly start: readonly number[];
  readonly ridge: number;
};

const MOST_STEPS = 100;
/** Coefficients beyond this have no maximum to go to: the labels are separated. */
const UNBOUNDED = 1e4;

/**
 * Maximum likelihood of a few coefficients with soft labels: minimises
 *   Σ weight · [log(1 + exp z) − rate z] + ½ ridge |c − start|²,   z = Σ_j c_j column_j
 * by Newton's method with step halving. Null where there is no minimum, or none that can be told (separated labels,
 * columns that depend on each other).
 */
export function fitSmallLogistic(problem: SmallLogistic): number[] | null {
  let at: number[] = [...problem.start];
  let value = objective(problem, at);
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const move = newtonMove(problem, at);
    if (move === null) return null;
    const { direction, decrease } = move;
    if (decrease <= 1e-20 * Math.max(1, Math.abs(value))) return at;
    let scale = 1;
    let next = at;
    let reached = Infinity;
    for (; scale > 1e-10; scale /= 2) {
      const by = scale;
      next = at.map((c, j) => c - by * direction[j]!);
      reached = objective(problem, next);
      if (reached <= value) break;
    }
    // No lower value along the direction: as near as rounding lets it come.
    if (!(reached <= value)) return at;
    if (next.some((c) => !(Math.abs(c) < UNBOUNDED))) return null;
    at = next;
    value = reached;
  }
  return at;
}

function linear(columns: readonly Float64Array[], at: readonly number[], i: number): number {
  let z = 0;
  for (let j = 0; j < columns.length; j += 1) z += at[j]! * columns[j]![i]!;
  return z;
}

function objective(problem: SmallLogistic, at: readonly number[]): number {
  const { columns, rates, weights, start, ridge } = problem;
  let sum = 0;
  for (const [j, c] of at.entries()) sum += 0.5 * ridge * (c - start[j]!) ** 2;
  for (let i = 0; i < rates.length; i += 1) {
    const z = linear(columns, at, i);
    sum += weights[i]! * (Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - rates[i]! * z);
  }
  return sum;
}

function newtonMove(
  problem: SmallLogistic,
  at: readonly number[],
): { readonly direction: Float64Array; readonly decrease: number } | null {
  const { columns, rates, weights, start, ridge } = problem;
  const size = columns.length;
  const gradient = Float64Array.from(at, (c, j) => ridge * (c - start[j]!));
  const hessian = new Float64Array(size * size);
  for (let i = 0; i < rates.length; i += 1) {
    const p = sigmoid(linear(columns, at, i));
    const slope = weights[i]! * (p - rates[i]!);
    const curve = weights[i]! * p * (1 - p);
    for (let j = 0; j < size; j += 1) {
      const x = columns[j]![i]!;
      gradient[j]! += slope * x;
      for (let l = 0; l <= j; l += 1) hessian[j * size + l]! += curve * x * columns[l]![i]!;
    }
  }
  let most = 0;
  for (let j = 0; j < size; j += 1) {
    hessian[j * size + j]! += ridge;
    most = Math.max(most, hessian[j * size + j]!);
  }
  const factor = hessian.slice();
  if (!choleskyInPlace(factor, size)) return null;
  for (let j = 0; j < size; j += 1) {
    if (factor[j * size + j]! ** 2 <= 1e-13 * most) return null;
  }
  const direction = gradient.slice();
  choleskySolve(factor, size, direction);
  const decrease = direction.reduce((sum, d, j) => sum + d * gradient[j]!, 0);
  return { direction, decrease };
}
