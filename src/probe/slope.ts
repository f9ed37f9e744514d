import type { Kernel } from './kernel.ts';
import type { LogisticProblem, TaskBlock } from './task-blocks.ts';

/** First and second derivatives of the objective where the blocks' logits were left. */
export type Slope = {
  /** (tasks + 1, size) like the weights; 0 where there is no weight. */
  readonly gradient: Float64Array;
  /** Of each block: weight · p · (1 − p) of its rows, the diagonal of the likelihood's curvature. */
  readonly curvature: readonly Float32Array[];
};

/**
 * The slope at `weights`, whose logits stand in the blocks. Sums over rows are in float32 by the `kernel`, which is enough
 * on the way; in float64 for null.
 */
export async function slopeAt(
  problem: LogisticProblem,
  weights: Float64Array,
  kernel: Kernel | null,
): Promise<Slope> {
  const { blocks, size, shared, deviation } = problem;
  const gradient = new Float64Array(weights.length);
  const curvature: Float32Array[] = [];
  for (let j = 0; shared !== null && j < size; j += 1) gradient[j] = shared[j]! * weights[j]!;
  for (const [t, block] of blocks.entries()) {
    const { residual, curved } = rowDerivatives(block);
    const own =
      kernel === null || block.rows === 0
        ? rowSum(block, residual, size)
        : await kernel.multiply(Float32Array.from(residual), block.features, block.rows);
    for (let j = 0; j < size; j += 1) {
      if (shared !== null) gradient[j]! += own[j]!;
      const at = (t + 1) * size + j;
      const ridge = deviation[j]!;
      if (Number.isFinite(ridge)) gradient[at] = own[j]! + ridge * weights[at]!;
    }
    curvature.push(curved);
  }
  return { gradient, curvature };
}

function rowDerivatives({ rows, logit, weight, rate }: TaskBlock): {
  residual: Float64Array;
  curved: Float32Array;
} {
  const residual = new Float64Array(rows);
  const curved = new Float32Array(rows);
  for (let i = 0; i < rows; i += 1) {
    const p = 1 / (1 + Math.exp(-logit[i]!));
    curved[i] = weight[i]! * p * (1 - p);
    residual[i] = weight[i]! * (p - rate[i]!);
  }
  return { residual, curved };
}

/** Σ_i factor_i x_i over the rows of a block; four rows a sweep, to touch the sum less often. */
function rowSum({ rows, features }: TaskBlock, factor: Float64Array, size: number): Float64Array {
  const sum = new Float64Array(size);
  let i = 0;
  for (; i + 3 < rows; i += 4) {
    const at = i * size;
    const [f0, f1, f2, f3] = [factor[i]!, factor[i + 1]!, factor[i + 2]!, factor[i + 3]!];
    for (let j = 0; j < size; j += 1) {
      const near = f0 * features[at + j]! + f1 * features[at + size + j]!;
      const far = f2 * features[at + 2 * size + j]! + f3 * features[at + 3 * size + j]!;
      sum[j]! += near + far;
    }
  }
  for (; i < rows; i += 1) {
    for (let j = 0; j < size; j += 1) sum[j]! += factor[i]! * features[i * size + j]!;
  }
  return sum;
}
