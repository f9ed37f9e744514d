import { elementCount } from '../tensor.ts';
import { type Operation, record, type Shape, type Tape, type Traced } from './tape.ts';

/** Operations that move numbers: axes, shapes, slices, rows of tables. */

const RESHAPE: Operation<{ readonly shape: Shape }> = {
  shape: ([from], { shape }) => {
    if (elementCount(from!) !== elementCount(shape)) {
      throw new Error(`reshape: expected as many elements in [${shape.join(', ')}]`);
    }
    return shape;
  },
  emit: (graph, [x], { shape }) => graph.op('Reshape', [x!.value, graph.ints(...shape)]),
  slopes: ({ operands: [x], slope }) => [() => reshape(slope, x!.shape)],
};

/** The same numbers in another shape; itself where it is that already. */
export function reshape(x: Traced, shape: Shape): Traced {
  return equalShapes(x.shape, shape) ? x : record(RESHAPE, [x], { shape });
}

const TRANSPOSE: Operation<{ readonly perm: readonly number[] }> = {
  shape: ([from], { perm }) => perm.map((axis) => from![axis]!),
  emit: (graph, [x], { perm }) => graph.op('Transpose', [x!.value], { perm }),
  slopes: ({ slope, settings: { perm } }) => [
    () => {
      const inverse = perm.map((_, axis) => perm.indexOf(axis));
      return transpose(slope, inverse);
    },
  ],
};

/** Axis i of the result is axis `perm[i]` of `x`. */
export function transpose(x: Traced, perm: readonly number[]): Traced {
  return record(TRANSPOSE, [x], { perm });
}

const EXPAND: Operation<{ readonly shape: Shape }> = {
  shape: ([from], { shape }) => {
    if (!equalShapes(broadcast(from!, shape), shape)) {
      throw new Error(`expand: [${from!.join(', ')}] does not spread to [${shape.join(', ')}]`);
    }
    return shape;
  },
  emit: (graph, [x], { shape }) => graph.op('Expand', [x!.value, graph.ints(...shape)]),
  slopes: ({ operands: [x], slope }) => [() => sumTo(slope, x!.shape)],
};

/** `x` repeated along axes of size 1 and new leading axes. */
export function expand(x: Traced, shape: Shape): Traced {
  return equalShapes(x.shape, shape) ? x : record(EXPAND, [x], { shape });
}

/** Zeros of a shape. */
function zeros(tape: Tape, shape: Shape): Traced {
  return expand(tape.number(0), shape);
}

const CONCAT: Operation<{ readonly axis: number }> = {
  shape: (shapes, { axis }) =>
    shapes[0]!.map((size, i) =>
      i === axis ? shapes.reduce((sum, shape) => sum + shape[axis]!, 0) : size,
    ),
  emit: (graph, operands, { axis }) =>
    graph.op(
      'Concat',
      operands.map(({ value }) => value),
      { axis },
    ),
  slopes: ({ operands, slope, settings: { axis } }) => {
    let from = 0;
    return operands.map(({ shape }) => {
      const start = from;
      from += shape[axis]!;
      return () => slice(slope, { axis, from: start, to: start + shape[axis]! });
    });
  },
};

/** Values one behind the other along `axis` (0 or more). */
export function concat(parts: readonly [Traced, ...Traced[]], axis: number): Traced {
  return parts.length === 1 ? parts[0] : record(CONCAT, parts, { axis });
}

type Range = { readonly axis: number; readonly from: number; readonly to: number };

const SLICE: Operation<Range> = {
  shape: ([from], range) => {
    if (range.from < 0 || range.to > from![range.axis]! || range.from >= range.to) {
      throw new Error(`slice: ${range.from} … ${range.to} is outside [${from!.join(', ')}]`);
    }
    return from!.map((size, i) => (i === range.axis ? range.to - range.from : size));
  },
  emit: (graph, [x], { axis, from, to }) =>
    graph.op('Slice', [x!.value, graph.ints(from), graph.ints(to), graph.ints(axis)]),
  slopes: ({ operands: [x], slope, settings: { axis, from, to } }) => [
    () => {
      const sized = (size: number) => x!.shape.map((other, i) => (i === axis ? size : other));
      const behind = x!.shape[axis]! - to;
      const front = from > 0 ? [zeros(slope.tape, sized(from))] : [];
      const back = behind > 0 ? [zeros(slope.tape, sized(behind))] : [];
      const [first, ...rest] = [...front, slope, ...back];
      return concat([first!, ...rest], axis);
    },
  ],
};

/** Positions `from` … `to − 1` of `axis` (0 or more). */
export function slice(x: Traced, range: Range): Traced {
  return range.from === 0 && range.to === x.shape[range.axis] ? x : record(SLICE, [x], range);
}

const GATHER: Operation<null> = {
  shape: ([table, index]) => [...index!, ...table!.slice(1)],
  emit: (graph, [table, index]) => graph.op('Gather', [table!.value, index!.value], { axis: 0 }),
  // A product with the one-hot rows: sums over repeated rows have one order, whatever the threads.
  slopes: ({ operands: [table, index], slope }) => [
    () => {
      const { tape, graph } = { tape: slope.tape, graph: slope.tape.graph };
      const [rows, picked] = [table!.shape[0]!, elementCount(index!.shape)];
      const column = graph.op('Reshape', [index!.value, graph.ints(picked, 1)]);
      const all = graph.ints(...Array.from({ length: rows }, (_, row) => row));
      const oneHot = graph.cast(graph.op('Equal', [column, all]), slope.value.dtype);
      const width = elementCount(table!.shape) / rows;
      const flat = reshape(slope, [picked, width]);
      const sum = graph.op('Gemm', [oneHot, flat.value], { transA: 1 });
      return reshape(tape.trace(sum, [rows, width]), table!.shape);
    },
  ],
};

/** Rows of `table` at `index` (int64; −1 is the last row, which gets no gradient from there). */
export function gather(table: Traced, index: Traced): Traced {
  return record(GATHER, [table, index], null);
}

type Reduction = { readonly axes: readonly number[]; readonly keep: boolean };

const SUM: Operation<Reduction> = {
  shape: ([from], settings) => reducedShape(from!, settings),
  emit: (graph, [x], { axes, keep }) =>
    graph.op('ReduceSum', [x!.value, graph.ints(...axes)], { keepdims: keep ? 1 : 0 }),
  slopes: ({ operands: [x], slope, settings: { axes } }) => [
    () => expand(reshape(slope, reducedShape(x!.shape, { axes, keep: true })), x!.shape),
  ],
};

/** Sums over `axes` (0 or more, ascending), which stay with size 1 where `keep` says so. */
export function reduceSum(x: Traced, axes: readonly number[], keep = false): Traced {
  return axes.length === 0 ? x : record(SUM, [x], { axes, keep });
}

/** Shape without `axes`, or with size 1 there. */
export function reducedShape(shape: Shape, { axes, keep }: Reduction): number[] {
  return shape.flatMap((size, i) => (axes.includes(i) ? (keep ? [1] : []) : [size]));
}

/** `x` summed over the axes along which `shape` was broadcast to it. */
export function sumTo(x: Traced, shape: Shape): Traced {
  const missing = x.shape.length - shape.length;
  const axes = [...x.shape.keys()].filter(
    (axis) => axis < missing || (shape[axis - missing] === 1 && x.shape[axis] !== 1),
  );
  return reshape(reduceSum(x, axes), shape);
}

/** Numpy's rule. */
export function broadcast(a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [left, right] = [a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1];
    if (left !== right && left !== 1 && right !== 1) {
      throw new Error(`broadcast: [${a.join(', ')}] and [${b.join(', ')}] do not fit`);
    }
    return left === 1 ? right : left;
  });
}

export function equalShapes(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}
