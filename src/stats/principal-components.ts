import { choleskyInPlace, forwardSolve, symmetricEigen } from './linear-algebra.ts';
import { randomStream } from './rng.ts';

/** Products of a symmetric matrix (size, size), row-major, with a block (size, columns): injected where a faster one is. */
export type SymmetricProduct = (
  block: Float64Array,
  columns: number,
) => Float64Array | Promise<Float64Array>;

export type PrincipalComponents = {
  /** Descending eigenvalues, length `count`. */
  readonly values: Float64Array;
  /** (size, count) row-major, orthonormal columns; each column's largest entry is positive. */
  readonly vectors: Float64Array;
};

/** Below this size all eigenvectors are computed directly. */
const DIRECT_SIZE = 160;
const OVERSAMPLING = 12;

/**
 * The leading `count` eigenpairs of a symmetric positive semidefinite matrix (size, size), given row-major or as its
 * product with a block. Large ones by randomised subspace iteration (Halko, Martinsson and Tropp 2011, algorithm 4.4)
 * from a fixed start with oversampling of 12: exact for a clear gap, an equally good subspace for a flat tail.
 * Deterministic.
 */
export async function principalComponents(
  matrix: Float64Array | SymmetricProduct,
  size: number,
  options: {
    readonly count: number;
    /** Rounds of the iteration. @default 8 */
    readonly iterations?: number;
  },
): Promise<PrincipalComponents> {
  const count = Math.min(options.count, size);
  const width = count + OVERSAMPLING;
  const product: SymmetricProduct =
    typeof matrix === 'function'
      ? matrix
      : (block, columns) => multiply(matrix, size, { block, columns });
  if (size <= DIRECT_SIZE || width >= size) {
    const whole = typeof matrix === 'function' ? await product(identity(size), size) : matrix;
    const { values, vectors } = symmetricEigen(whole, size);
    return oriented(leading(vectors, size, { from: size, count }), values.slice(0, count), size);
  }
  let basis = orthonormal(start(size, width), size, { width, rounds: 1 });
  const { iterations = 8 } = options;
  for (let round = 1; round <= iterations; round += 1) {
    const rounds = round === iterations ? 2 : 1;
    basis = orthonormal(await product(basis, width), size, { width, rounds });
  }
  const image = await product(basis, width);
  const small = transposedProduct(basis, image, { size, width });
  const { values, vectors } = symmetricEigen(small, width);
  const rotated = multiplyRight(basis, leading(vectors, width, { from: width, count }), {
    size,
    width,
    count,
  });
  return oriented(rotated, values.slice(0, count), size);
}

function identity(size: number): Float64Array {
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) matrix[i * size + i] = 1;
  return matrix;
}

function start(size: number, width: number): Float64Array {
  const stream = randomStream('principal components', size, width);
  return Float64Array.from({ length: size * width }, () => stream.normal());
}

/** Orthonormal columns spanning those of `block` (rows, width), by rounds of Cholesky QR: two to rounding error. */
function orthonormal(
  block: Float64Array,
  rows: number,
  { width, rounds }: { width: number; rounds: number },
): Float64Array {
  let q = scaledColumns(block, rows, width);
  for (let round = 0; round < rounds; round += 1) {
    const gram = transposedProduct(q, q, { size: rows, width });
    let trace = 0;
    for (let i = 0; i < width; i += 1) trace += gram[i * width + i]!;
    // A jitter at rounding level keeps a rank-deficient block factorable; the second round removes its effect.
    for (let i = 0; i < width; i += 1) gram[i * width + i]! += 1e-13 * (trace + 1e-300);
    if (!choleskyInPlace(gram, width)) throw new Error('principalComponents: lost the subspace');
    const transposed = transpose(q, rows, width);
    forwardSolve(gram, width, { values: transposed, columns: rows });
    q = transpose(transposed, width, rows);
  }
  return q;
}

function scaledColumns(block: Float64Array, rows: number, width: number): Float64Array {
  const out = Float64Array.from(block);
  for (let j = 0; j < width; j += 1) {
    let square = 0;
    for (let i = 0; i < rows; i += 1) square += out[i * width + j]! ** 2;
    const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
    for (let i = 0; i < rows; i += 1) out[i * width + j]! *= scale;
  }
  return out;
}

function transpose(a: Float64Array, rows: number, columns: number): Float64Array {
  const out = new Float64Array(a.length);
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < columns; j += 1) out[j * rows + i] = a[i * columns + j]!;
  }
  return out;
}

function multiply(
  matrix: Float64Array,
  size: number,
  { block, columns }: { block: Float64Array; columns: number },
): Float64Array {
  return multiplyRight(matrix, block, { size, width: size, count: columns });
}

/** (size, width) · (width, count). */
function multiplyRight(
  a: Float64Array,
  b: Float64Array,
  { size, width, count }: { size: number; width: number; count: number },
): Float64Array {
  const out = new Float64Array(size * count);
  for (let i = 0; i < size; i += 1) {
    const row = out.subarray(i * count, (i + 1) * count);
    for (let k = 0; k < width; k += 1) {
      const value = a[i * width + k]!;
      const from = k * count;
      for (let j = 0; j < count; j += 1) row[j]! += value * b[from + j]!;
    }
  }
  return out;
}

/** Aᵀ B for A and B of (size, width). */
function transposedProduct(
  a: Float64Array,
  b: Float64Array,
  { size, width }: { size: number; width: number },
): Float64Array {
  const out = new Float64Array(width * width);
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j < width; j += 1) {
      const value = a[i * width + j]!;
      for (let k = 0; k < width; k += 1) out[j * width + k]! += value * b[i * width + k]!;
    }
  }
  return out;
}

function leading(
  vectors: Float64Array,
  rows: number,
  { from, count }: { from: number; count: number },
): Float64Array {
  const out = new Float64Array(rows * count);
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < count; j += 1) out[i * count + j] = vectors[i * from + j]!;
  }
  return out;
}

/** Fixes each column's sign, so that equal data give equal bits whatever the start was. */
function oriented(vectors: Float64Array, values: Float64Array, rows: number): PrincipalComponents {
  const count = values.length;
  for (let j = 0; j < count; j += 1) {
    let peak = 0;
    for (let i = 0; i < rows; i += 1) {
      if (Math.abs(vectors[i * count + j]!) > Math.abs(peak)) peak = vectors[i * count + j]!;
    }
    if (peak < 0) for (let i = 0; i < rows; i += 1) vectors[i * count + j]! *= -1;
  }
  return { values: values.map((value) => Math.max(0, value)), vectors };
}
