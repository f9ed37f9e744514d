import { createSession, float32, GraphBuilder, type Session } from '../graph/index.ts';

/**
 * The heavy products of fitting, in float32 through the inference runtime (about 50 times plain loops on two cores).
 * Sums over rows are carried in float32 blocks: a Newton step needs no more; near the minimum gradients are summed in float64 elsewhere.
 * Equal inputs and thread counts give equal bits.
 */
export type Kernel = AsyncDisposable & {
  /** Threads of each product; undefined leaves them to the runtime. */
  readonly threads: number | undefined;
  /** Xᵀ diag(w) X for X (rows, width): (width, width), row-major. */
  gram(x: Float32Array, w: Float32Array, width: number): Promise<Float64Array>;
  /** Xᵀ diag(w) X · v for X (rows, width) and v (width), without forming the matrix: (width). */
  curve(x: Float32Array, w: Float32Array, v: Float64Array): Promise<Float32Array | Float64Array>;
  /** A · B for A (rows, inner) and B (inner, columns): (rows, columns), row-major. */
  multiply(a: Float32Array, b: Float32Array, inner: number): Promise<Float32Array>;
};

/** Below this many multiplications a call into the runtime costs more than it saves. */
const SMALL = 200_000;

/** Below this many numbers in a matrix a product with one vector is done here. */
const SMALL_PASS = 8192;

/** Rows of one product: bounds the copies that the runtime makes. */
const BLOCK_ROWS = 16_384;

/** Release it with `await using`. */
export async function createKernel(options: { threads?: number } = {}): Promise<Kernel> {
  const gram = await createSession(gramGraph(), options);
  const curve = await createSession(curveGraph(), options);
  const product = await createSession(productGraph(), options);
  return {
    threads: options.threads,
    gram: (x, w, width) =>
      w.length * width * width <= SMALL
        ? Promise.resolve(plainGram(x, w, width))
        : runGram(gram, { x, w, width }),
    curve: async (x, w, v) => {
      if (x.length <= SMALL_PASS) return plainCurve(x, w, v);
      const feeds = {
        x: float32(x, [w.length, v.length]),
        w: float32(w, [w.length, 1]),
        v: float32(Float32Array.from(v), [v.length, 1]),
      };
      const { y } = await curve.run(feeds, ['y']);
      return y!.data as Float32Array;
    },
    multiply: async (a, b, inner) => {
      const rows = a.length / inner;
      const columns = b.length / inner;
      const { y } = await product.run(
        { a: float32(a, [rows, inner]), b: float32(b, [inner, columns]) },
        ['y'],
      );
      return y!.data as Float32Array;
    },
    async [Symbol.asyncDispose]() {
      await gram[Symbol.asyncDispose]();
      await curve[Symbol.asyncDispose]();
      await product[Symbol.asyncDispose]();
    },
  };
}

function gramGraph(): Uint8Array {
  const graph = new GraphBuilder('weighted-gram');
  const x = graph.input('x', 'float32', ['rows', 'width']);
  const w = graph.input('w', 'float32', ['rows', 1]);
  // Transposed first: Gemm's own transposition takes twice as long on the few rows of one task.
  const left = graph.op('Transpose', [graph.op('Mul', [x, w])], { perm: [1, 0] });
  graph.output('y', graph.op('MatMul', [left, x]), ['width', 'width']);
  return graph.build();
}

function curveGraph(): Uint8Array {
  const graph = new GraphBuilder('curve');
  const x = graph.input('x', 'float32', ['rows', 'width']);
  const w = graph.input('w', 'float32', ['rows', 1]);
  const v = graph.input('v', 'float32', ['width', 1]);
  const image = graph.op('Mul', [graph.op('MatMul', [x, v]), w]);
  graph.output('y', graph.op('Gemm', [x, image], { transA: 1 }), ['width', 1]);
  return graph.build();
}

function productGraph(): Uint8Array {
  const graph = new GraphBuilder('product');
  const a = graph.input('a', 'float32', ['rows', 'inner']);
  const b = graph.input('b', 'float32', ['inner', 'columns']);
  graph.output('y', graph.op('MatMul', [a, b]), ['rows', 'columns']);
  return graph.build();
}

async function runGram(
  session: Session,
  { x, w, width }: { x: Float32Array; w: Float32Array; width: number },
): Promise<Float64Array> {
  const sum = new Float64Array(width * width);
  for (let from = 0; from < w.length; from += BLOCK_ROWS) {
    const to = Math.min(from + BLOCK_ROWS, w.length);
    const { y } = await session.run(
      {
        x: float32(x.subarray(from * width, to * width), [to - from, width]),
        w: float32(w.subarray(from, to), [to - from, 1]),
      },
      ['y'],
    );
    const block = y!.data as Float32Array;
    for (let i = 0; i < sum.length; i += 1) sum[i]! += block[i]!;
  }
  return sum;
}

function plainGram(x: Float32Array, w: Float32Array, width: number): Float64Array {
  const sum = new Float64Array(width * width);
  for (let row = 0; row < w.length; row += 1) {
    const at = row * width;
    for (let i = 0; i < width; i += 1) {
      const scaled = w[row]! * x[at + i]!;
      for (let j = 0; j <= i; j += 1) sum[i * width + j]! += scaled * x[at + j]!;
    }
  }
  for (let i = 0; i < width; i += 1) {
    for (let j = 0; j < i; j += 1) sum[j * width + i] = sum[i * width + j]!;
  }
  return sum;
}

function plainCurve(x: Float32Array, w: Float32Array, v: Float64Array): Float64Array {
  const width = v.length;
  const sum = new Float64Array(width);
  for (let row = 0; row < w.length; row += 1) {
    const at = row * width;
    let image = 0;
    for (let j = 0; j < width; j += 1) image += x[at + j]! * v[j]!;
    image *= w[row]!;
    for (let j = 0; j < width; j += 1) sum[j]! += image * x[at + j]!;
  }
  return sum;
}
