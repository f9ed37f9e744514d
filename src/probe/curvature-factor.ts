import { choleskyInPlace, choleskySolve, forwardSolve } from '../stats/index.ts';
import type { Kernel } from './kernel.ts';
import type { LogisticProblem } from './task-blocks.ts';

/** Solves a linear system whose right side and solution have the shape of the weights. */
export type Solve = (right: Float64Array) => Float64Array;

/**
 * The curvature, factorised. With H_t a task's Hessian in its own weights, J the columns that deviate, and D, L the
 * ridges, v_t is eliminated from
 *   [D + Σ H_t   H_t[:,J] ] [w  ]   [r  ]
 *   [H_t[J,:]    H_t[J,J]+L] [v_t] = [r_t]
 * which leaves one system in w: S = D + Σ (H_t − M_tᵀ M_t), M_t = C_t⁻¹ H_t[J,:], C_t C_tᵀ = H_t[J,J] + L.
 * Products are in float32: what is solved is near the exact solution, and a preconditioner that leads to it at once.
 */
export async function factoriseCurvature(
  problem: LogisticProblem,
  curvature: readonly Float32Array[],
  kernel: Kernel,
): Promise<Solve> {
  const { blocks, size, shared } = problem;
  const schur = new Float64Array(size * size);
  for (let j = 0; shared !== null && j < size; j += 1) schur[j * size + j] = shared[j]!;
  const parts: Eliminated[] = [];
  for (const [t, { features }] of blocks.entries()) {
    const hessian = await kernel.gram(features, curvature[t]!, size);
    const part = eliminate(hessian, problem);
    parts.push(part);
    if (shared === null) continue;
    const ones = new Float32Array(part.columns.length).fill(1);
    const known = await kernel.gram(part.m, ones, size);
    for (let i = 0; i < schur.length; i += 1) schur[i]! += hessian[i]! - known[i]!;
  }
  if (shared !== null) factorise(schur, size);
  return (right) => solve({ parts, schur: shared === null ? null : schur, size }, right);
}

/** What is left of a task's weights when the shared ones are known. */
type Eliminated = {
  /** J. */
  readonly columns: Int32Array;
  /** C, (J, J). */
  readonly factor: Float64Array;
  /** M, (J, size); empty without shared weights. */
  readonly m: Float32Array;
};

function eliminate(
  hessian: Float64Array,
  { size, shared, deviation }: LogisticProblem,
): Eliminated {
  const columns = Int32Array.from(
    [...deviation.keys()].filter((j) => Number.isFinite(deviation[j]!)),
  );
  const count = columns.length;
  const factor = new Float64Array(count * count);
  const m = new Float64Array(shared === null ? 0 : count * size);
  for (let a = 0; a < count; a += 1) {
    const j = columns[a]!;
    for (let b = 0; b <= a; b += 1) factor[a * count + b] = hessian[j * size + columns[b]!]!;
    factor[a * count + a]! += deviation[j]!;
    if (shared !== null) m.set(hessian.subarray(j * size, (j + 1) * size), a * size);
  }
  factorise(factor, count);
  if (shared !== null) forwardSolve(factor, count, { values: m, columns: size });
  return { columns, factor, m: Float32Array.from(m) };
}

function solve(
  {
    parts,
    schur,
    size,
  }: { parts: readonly Eliminated[]; schur: Float64Array | null; size: number },
  right: Float64Array,
): Float64Array {
  const solution = new Float64Array(right.length);
  const shared = right.slice(0, size);
  const halves = parts.map(({ columns, factor, m }, t) => {
    const half = Float64Array.from(columns, (j) => right[(t + 1) * size + j]!);
    forwardSolve(factor, half.length, { values: half, columns: 1 });
    for (let at = 0; at < m.length; at += size) {
      const value = half[at / size]!;
      for (let j = 0; j < size; j += 1) shared[j]! -= m[at + j]! * value;
    }
    return half;
  });
  if (schur !== null) {
    choleskySolve(schur, size, shared);
    solution.set(shared);
  }
  parts.forEach(({ columns, factor, m }, t) => {
    const half = halves[t]!;
    for (let at = 0; at < m.length; at += size) {
      let known = 0;
      for (let j = 0; j < size; j += 1) known += m[at + j]! * shared[j]!;
      half[at / size]! -= known;
    }
    backSolve(factor, half);
    columns.forEach((j, a) => (solution[(t + 1) * size + j] = half[a]!));
  });
  return solution;
}

/** Solves Cᵀ x = b in place, a row of C a time. */
function backSolve(factor: Float64Array, b: Float64Array): void {
  const n = b.length;
  for (let i = n - 1; i >= 0; i -= 1) {
    const value = b[i]! / factor[i * n + i]!;
    b[i] = value;
    for (let k = 0; k < i; k += 1) b[k]! -= factor[i * n + k]! * value;
  }
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
