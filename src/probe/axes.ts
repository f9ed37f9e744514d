import { principalComponents } from '../stats/index.ts';
import type { Kernel } from './kernel.ts';

/** Side-by-side layers up to this width go into one decomposition; wider ones are reduced layer by layer first. */
export const JOINT_WIDTH: number = 1024;

/** Subspace iterations for wide states: a probe needs a good subspace, not exact axes. */
const WIDE_ITERATIONS = 3;

/** From this width on the runtime's float32 products beat plain loops. */
const KERNEL_WIDTH = 256;

/** Principal axes of rows (rows, width) that are centred already: (width, count), orthonormal. */
export async function leadingBasis(
  rows: Float32Array,
  width: number,
  { count, kernel }: { count: number; kernel: Kernel },
): Promise<Float32Array> {
  return Float32Array.from((await components(rows, width, { count, kernel })).vectors);
}

/** The same, scaled so that the components of these rows have a mean variance of 1. */
export async function scaledBasis(
  rows: Float32Array,
  width: number,
  { count, kernel }: { count: number; kernel: Kernel },
): Promise<Float32Array> {
  const { values, vectors } = await components(rows, width, { count, kernel });
  const variance = values.reduce((sum, value) => sum + value, 0) / values.length;
  const scale = variance > 0 ? 1 / Math.sqrt(variance) : 0;
  return Float32Array.from(vectors, (value) => value * scale);
}

async function components(
  rows: Float32Array,
  width: number,
  { count, kernel }: { count: number; kernel: Kernel },
): Promise<{ values: Float64Array; vectors: Float64Array }> {
  const n = rows.length / width;
  const rank = Math.max(1, Math.min(count, width, n));
  if (width > JOINT_WIDTH) {
    const product = wideProduct(rows, width, kernel);
    return principalComponents(product, width, { count: rank, iterations: WIDE_ITERATIONS });
  }
  const gram = await kernel.gram(rows, new Float32Array(n).fill(1 / Math.max(1, n)), width);
  const matrix = Float32Array.from(gram);
  const product = async (block: Float64Array) =>
    Float64Array.from(await kernel.multiply(matrix, Float32Array.from(block), width));
  return principalComponents(width > KERNEL_WIDTH ? product : gram, width, { count: rank });
}

/** Products with Xᵀ X / n without forming it: for wide states that costs more than everything else together. */
function wideProduct(
  rows: Float32Array,
  width: number,
  kernel: Kernel,
): (block: Float64Array) => Promise<Float64Array> {
  const n = rows.length / width;
  const transposed = new Float32Array(rows.length);
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j < width; j += 1) transposed[j * n + i] = rows[i * width + j]!;
  }
  return async (block) => {
    const image = await kernel.multiply(rows, Float32Array.from(block), width);
    const back = await kernel.multiply(transposed, image, n);
    return Float64Array.from(back, (value) => value / n);
  };
}
