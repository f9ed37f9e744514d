import { choleskyInPlace, choleskySolve, forwardSolve, subtractGram } from '../stats/index.ts';
import type { Kernel } from './kernel.ts';
import type { LogisticProblem, TaskBlock } from './task-blocks.ts';

/**
 * Newton's direction for shared weights w and deviations v_t. With H_t a task's Hessian in its own weights, J the
 * columns that deviate, and D, L the ridges, v_t is eliminated from
 *   [D + Σ H_t   H_t[:,J] ] [dw  ]     [g_w ]
 *   [H_t[J,:]    H_t[J,J]+L] [dv_t] = − [g_vt]
 * which leaves one system in dw: S = D + Σ (H_t − M_tᵀ M_t), M_t = C_t⁻¹ H_t[J,:], C_t C_tᵀ = H_t[J,J] + L.
 */
export async function newtonDirection(
  problem: LogisticProblem,
  weights: Float64Array,
  kernel: Kernel,
): Promise<{ step: Float64Array; decrease: number }> {
  const { blocks, size, shared, deviation } = problem;
  const columns = deviating(deviation);
  const schur = new Float64Array(size * size);
  const right = new Float64Array(size);
  const gradient = new Float64Array(weights.length);
  for (let j = 0; shared !== null && j < size; j += 1) {
    schur[j * size + j] = shared[j]!;
    gradient[j] = shared[j]! * weights[j]!;
  }
  const eliminated: Eliminated[] = [];
  for (const [t, block] of blocks.entries()) {
    const { taskGradient, curvature } = derivatives(block, size);
    const hessian = await kernel.gram(block.features, curvature, size);
    for (let j = 0; shared !== null && j < size; j += 1) gradient[j]! += taskGradient[j]!;
    const own = Float64Array.from(columns, (j) => {
      const v = taskGradient[j]! + deviation[j]! * weights[(t + 1) * size + j]!;
      gradient[(t + 1) * size + j] = v;
      return v;
    });
    const part = eliminate(hessian, own, { size, columns, deviation });
    eliminated.push(part);
    if (shared !== null) addSchur(schur, right, { part, hessian, size });
  }
  const step = new Float64Array(weights.length);
  if (shared !== null) {
    for (let j = 0; j < size; j += 1) right[j]! -= gradient[j]!;
    solveSpd(schur, size, right);
    step.set(right);
  }
  eliminated.forEach((part, t) => setDeviation(step, part, { task: t, size, columns }));
  let decrease = 0;
  for (let i = 0; i < step.length; i += 1) decrease -= step[i]! * gradient[i]!;
  return { step, decrease };
}

type Eliminated = {
  readonly factor: Float64Array;
  /** C⁻¹ H[J,:], (J, size). */
  readonly m: Float64Array;
  /** C⁻¹ g_v, length J. */
  readonly half: Float64Array;
};

function deviating(deviation: Float64Array): Int32Array {
  return Int32Array.from([...deviation.keys()].filter((j) => Number.isFinite(deviation[j]!)));
}

function derivatives(
  block: TaskBlock,
  size: number,
): { taskGradient: Float64Array; curvature: Float32Array } {
  const taskGradient = new Float64Array(size);
  const curvature = new Float32Array(block.rows);
  for (let i = 0; i < block.rows; i += 1) {
    const p = 1 / (1 + Math.exp(-block.logit[i]!));
    const weight = block.weight[i]!;
    curvature[i] = weight * p * (1 - p);
    const residual = weight * (p - block.rate[i]!);
    const at = i * size;
    for (let j = 0; j < size; j += 1) taskGradient[j]! += residual * block.features[at + j]!;
  }
  return { taskGradient, curvature };
}

function eliminate(
  hessian: Float64Array,
  own: Float64Array,
  { size, columns, deviation }: { size: number; columns: Int32Array; deviation: Float64Array },
): Eliminated {
  const count = columns.length;
  const factor = new Float64Array(count * count);
  const m = new Float64Array(count * size);
  for (let a = 0; a < count; a += 1) {
    const j = columns[a]!;
    for (let b = 0; b < count; b += 1) factor[a * count + b] = hessian[j * size + columns[b]!]!;
    factor[a * count + a]! += deviation[j]!;
    m.set(hessian.subarray(j * size, (j + 1) * size), a * size);
  }
  factorise(factor, count);
  const half = Float64Array.from(own);
  forwardSolve(factor, count, { values: half, columns: 1 });
  forwardSolve(factor, count, { values: m, columns: size });
  return { factor, m, half };
}

function addSchur(
  schur: Float64Array,
  right: Float64Array,
  { part, hessian, size }: { part: Eliminated; hessian: Float64Array; size: number },
): void {
  for (let i = 0; i < schur.length; i += 1) schur[i]! += hessian[i]!;
  subtractGram(schur, part.m, size);
  for (let a = 0; a < part.half.length; a += 1) {
    const value = part.half[a]!;
    for (let i = 0; i < size; i += 1) right[i]! += part.m[a * size + i]! * value;
  }
}

/** dv = −C⁻ᵀ (half + M dw). */
function setDeviation(
  step: Float64Array,
  part: Eliminated,
  { task, size, columns }: { task: number; size: number; columns: Int32Array },
): void {
  const count = columns.length;
  const v = Float64Array.from(part.half);
  for (let a = 0; a < count; a += 1) {
    for (let j = 0; j < size; j += 1) v[a]! += part.m[a * size + j]! * step[j]!;
  }
  for (let i = count - 1; i >= 0; i -= 1) {
    let sum = v[i]!;
    for (let k = i + 1; k < count; k += 1) sum -= part.factor[k * count + i]! * v[k]!;
    v[i] = sum / part.factor[i * count + i]!;
  }
  columns.forEach((j, a) => (step[(task + 1) * size + j] = -v[a]!));
}

function solveSpd(matrix: Float64Array, size: number, right: Float64Array): void {
  factorise(matrix, size);
  choleskySolve(matrix, size, right);
}

/** Ridges that are tried, each ten times the one before: the last exceeds every entry. */
const MAX_RIDGES = 16;

/** Cholesky; float32 products can leave a singular matrix slightly indefinite, which a growing ridge repairs. */
function factorise(matrix: Float64Array, size: number): void {
  const original = Float64Array.from(matrix);
  let largest = 0;
  for (let i = 0; i < size; i += 1) largest = Math.max(largest, original[i * size + i]!);
  let ridge = 1e-9 * largest + 1e-300;
  for (let attempt = 0; !choleskyInPlace(matrix, size); attempt += 1) {
    if (attempt === MAX_RIDGES) {
      throw new Error(`logistic: expected a curvature of finite numbers (${size}, ${size})`);
    }
    matrix.set(original);
    for (let i = 0; i < size; i += 1) matrix[i * size + i]! += ridge;
    ridge *= 10;
  }
}
