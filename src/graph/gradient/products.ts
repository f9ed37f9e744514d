import { broadcast, equalShapes, reshape, sumTo } from './layout.ts';
import { type Operation, record, type Shape, type Traced } from './tape.ts';

/** Which operands are transposed in their last two axes. */
export type Transposed = { readonly a?: boolean; readonly b?: boolean };

type Product = { readonly a: boolean; readonly b: boolean };

const PRODUCT: Operation<Product> = {
  shape: ([a, b], settings) => {
    const [left, right] = [matrix(a!, settings.a), matrix(b!, settings.b)];
    if (left[1] !== right[0]) {
      throw new Error(`product: [${a!.join(', ')}] and [${b!.join(', ')}] do not fit`);
    }
    return [...broadcast(a!.slice(0, -2), b!.slice(0, -2)), left[0], right[1]];
  },
  emit: (graph, [a, b], settings) => {
    const operands = [a!.value, b!.value];
    const attributes = { transA: settings.a ? 1 : 0, transB: settings.b ? 1 : 0 };
    if (a!.shape.length === 2 && b!.shape.length === 2) {
      return graph.op('Gemm', operands, attributes);
    }
    if (!settings.a && !settings.b) return graph.op('MatMul', operands);
    return graph.op('FusedMatMul', operands, attributes);
  },
  slopes: ({ operands: [left, right], slope, settings: { a, b } }) => [
    () =>
      sumTo(
        a ? product(right!, slope, { a: b, b: true }) : product(slope, right!, { b: !b }),
        left!.shape,
      ),
    () =>
      sumTo(
        b ? product(slope, left!, { a: true, b: a }) : product(left!, slope, { a: !a }),
        right!.shape,
      ),
  ],
};

/**
 * A · B over the last two axes, leading axes broadcast: through `Gemm`, `MatMul` or `FusedMatMul`. A matrix on the right
 * of a batch is one product of two matrices.
 */
export function product(a: Traced, b: Traced, transposed: Transposed = {}): Traced {
  const settings = { a: transposed.a ?? false, b: transposed.b ?? false };
  if (a.shape.length > 2 && b.shape.length === 2 && !settings.a) {
    const rows = a.shape.slice(0, -1);
    const flat = reshape(a, [rows.reduce((count, size) => count * size, 1), a.shape.at(-1)!]);
    const y = record(PRODUCT, [flat, b], settings);
    return reshape(y, [...rows, y.shape[1]!]);
  }
  return record(PRODUCT, [a, b], settings);
}

const LINEAR: Operation<null> = {
  shape: ([x, weight, bias]) => {
    const shape = PRODUCT.shape([x!, weight!], { a: false, b: true });
    if (!equalShapes(broadcast(shape, bias!), shape)) throw new Error('linear: bias does not fit');
    return shape;
  },
  emit: (graph, [x, weight, bias]) =>
    graph.op('Gemm', [x!.value, weight!.value, bias!.value], { transB: 1 }),
  slopes: ({ operands: [x, weight, bias], slope }) => [
    () => product(slope, weight!),
    () => product(slope, x!, { a: true }),
    () => sumTo(slope, bias!.shape),
  ],
};

/** x · wᵀ + bias for x (…, in), w (out, in), the layout of linear layers, and bias (out). */
export function linear(x: Traced, weight: Traced, bias: Traced): Traced {
  const rows = x.shape.slice(0, -1);
  const flat = reshape(x, [rows.reduce((count, size) => count * size, 1), x.shape.at(-1)!]);
  const y = record(LINEAR, [flat, weight, bias], null);
  return reshape(y, [...rows, y.shape[1]!]);
}

function matrix(shape: Shape, transposed: boolean): [number, number] {
  const [rows, columns] = [shape.at(-2), shape.at(-1)];
  if (rows === undefined || columns === undefined) throw new Error('product: expected matrices');
  return transposed ? [columns, rows] : [rows, columns];
}
