import { describe, expect, test } from 'vitest';
import { type RandomStream, randomStream } from '../../stats/index.ts';
import { createSession, float32, GraphBuilder, int64 } from '../index.ts';
import { elementCount, type Tensor } from '../tensor.ts';
import {
  add,
  clip,
  concat,
  divide,
  erf,
  expand,
  exponential,
  gather,
  gelu,
  geluTanh,
  gradients,
  layerNorm,
  linear,
  logarithm,
  logSoftmax,
  multiply,
  negate,
  power,
  product,
  reduceMean,
  reduceSum,
  relu,
  reshape,
  rmsNorm,
  scale,
  type Shape,
  shift,
  sigmoid,
  slice,
  softmax,
  softplus,
  squareRoot,
  subtract,
  Tape,
  tanh,
  type Traced,
  transpose,
  where,
} from './index.ts';

type Case = {
  readonly name: string;
  readonly shapes: readonly Shape[];
  readonly make: (...x: Traced[]) => Traced;
  /** Operands in 0.5 … 2 instead of standard normal ones. */
  readonly positive?: true;
};

const unary = (name: string, make: (x: Traced) => Traced, positive?: true): Case => ({
  name,
  shapes: [[3, 4]],
  make: (x) => make(x),
  ...(positive === undefined ? {} : { positive }),
});

/** The same operation of two values with equal shapes and with every kind of broadcasting. */
const binary = (name: string, make: (a: Traced, b: Traced) => Traced, positive?: true): Case[] =>
  [
    [
      [2, 3],
      [2, 3],
    ],
    [[2, 3, 4], [4]],
    [
      [3, 1],
      [2, 3, 4],
    ],
    [
      [2, 1, 4],
      [3, 1],
    ],
    [[], [2, 3]],
  ].map((shapes) => ({
    name: `${name} ${JSON.stringify(shapes)}`,
    shapes,
    make: (a, b) => make(a, b),
    ...(positive === undefined ? {} : { positive }),
  }));

const products = [
  [
    [3, 4],
    [4, 2],
  ],
  [
    [2, 3, 4],
    [4, 2],
  ],
  [
    [2, 3, 4],
    [2, 4, 2],
  ],
  [
    [3, 4],
    [5, 4, 2],
  ],
  [
    [2, 1, 3, 4],
    [5, 4, 2],
  ],
].flatMap(([a, b]) =>
  [
    { a: false, b: false },
    { a: true, b: false },
    { a: false, b: true },
    { a: true, b: true },
  ].map(
    (transposed): Case => ({
      name: `product ${JSON.stringify([a, b, transposed])}`,
      shapes: [transposed.a ? swapped(a!) : a!, transposed.b ? swapped(b!) : b!],
      make: (x, y) => product(x, y, transposed),
    }),
  ),
);

const cases: readonly Case[] = [
  ...binary('add', add),
  ...binary('subtract', subtract),
  ...binary('multiply', multiply),
  ...binary('divide', divide, true),
  unary('negate', negate),
  unary('exponential', exponential),
  unary('logarithm', logarithm, true),
  unary('square root', squareRoot, true),
  unary('tanh', tanh),
  unary('sigmoid', sigmoid),
  unary('softplus', softplus),
  unary('relu', relu),
  unary('gelu', gelu),
  unary('gelu by tanh', geluTanh),
  unary('erf', erf),
  unary('power 3', (x) => power(x, 3)),
  unary('power −0.5', (x) => power(x, -0.5), true),
  unary('scale and shift', (x) => shift(scale(x, -1.7), 0.3)),
  unary('clip', (x) => clip(x, -0.8, 0.9)),
  unary('softmax, last axis', (x) => softmax(x, 1)),
  unary('softmax, first axis', (x) => softmax(x, 0)),
  unary('log softmax, last axis', (x) => logSoftmax(x, 1)),
  unary('log softmax, first axis', (x) => logSoftmax(x, 0)),
  unary('reshape', (x) => reshape(x, [2, 6])),
  unary('slice in the middle', (x) => slice(x, { axis: 1, from: 1, to: 3 })),
  unary('slice at the start', (x) => slice(x, { axis: 0, from: 0, to: 2 })),
  unary('slice at the end', (x) => slice(x, { axis: 0, from: 2, to: 3 })),
  unary('two uses of one value', (x) => add(multiply(x, tanh(x)), x)),
  { name: 'expand', shapes: [[3, 1]], make: (x) => expand(x, [2, 3, 4]) },
  { name: 'transpose', shapes: [[2, 3, 4]], make: (x) => transpose(x, [2, 0, 1]) },
  {
    name: 'concat',
    shapes: [
      [2, 3],
      [2, 1],
      [2, 2],
    ],
    make: (a, b, c) => concat([a, b, c], 1),
  },
  ...[[0], [1], [2], [0, 2], [0, 1, 2]].flatMap((axes) =>
    [true, false].flatMap((keep): Case[] => [
      {
        name: `sum ${axes.join()} ${keep}`,
        shapes: [[2, 3, 4]],
        make: (x) => reduceSum(x, axes, keep),
      },
      {
        name: `mean ${axes.join()} ${keep}`,
        shapes: [[2, 3, 4]],
        make: (x) => reduceMean(x, axes, keep),
      },
    ]),
  ),
  ...products,
  { name: 'linear', shapes: [[2, 3, 4], [5, 4], [5]], make: (x, w, b) => linear(x, w, b) },
  {
    name: 'gather rows that repeat',
    shapes: [[4, 3]],
    make: (table) => gather(table, table.tape.constant(int64([2, 0, 2, 2, 1], [5]))),
  },
  {
    name: 'gather numbers on a grid',
    shapes: [[4]],
    make: (table) => gather(table, table.tape.constant(int64([2, 0, 2, 3, 1, 1], [2, 3]))),
  },
  {
    name: 'where',
    shapes: [[2, 3], [3]],
    make: (a, b) => {
      const mask = { dtype: 'bool', shape: [2, 1], data: Uint8Array.of(1, 0) } as const;
      return where(a.tape.constant(mask), a, b);
    },
  },
  {
    name: 'layer norm',
    shapes: [[2, 3, 5], [5], [5]],
    make: (x, weight, bias) => layerNorm(x, { weight: weight, bias: bias }),
  },
  { name: 'rms norm', shapes: [[2, 3, 5], [5]], make: (x, weight) => rmsNorm(x, weight) },
  {
    name: 'a transformer block of two heads',
    shapes: [[2, 3, 4], [4], [4], [12, 4], [12], [4, 4], [4], [4], [8, 4], [8], [4, 8], [4]],
    make: block,
  },
];

/** Pre-norm attention and a GELU layer, each with its residual. */
function block(...[x, g1, b1, wqkv, bqkv, wo, bo, g2, w1, c1, w2, c2]: Traced[]): Traced {
  const heads = (from: number) => {
    const normed = layerNorm(x!, { weight: g1!, bias: b1! });
    const part = slice(linear(normed, wqkv!, bqkv!), { axis: 2, from, to: from + 4 });
    return transpose(reshape(part, [2, 3, 2, 2]), [0, 2, 1, 3]);
  };
  const logits = scale(product(heads(0), heads(4), { b: true }), Math.SQRT1_2);
  const mixed = transpose(product(softmax(logits, 3), heads(8)), [0, 2, 1, 3]);
  const y = add(x!, linear(reshape(mixed, [2, 3, 4]), wo!, bo!));
  return add(y, linear(gelu(linear(rmsNorm(y, g2!), w1!, c1!)), w2!, c2!));
}

function swapped(shape: Shape): Shape {
  return [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!];
}

const STEP = 0.02;

/** A standard normal number that no step carries over a kink of `relu` and `clip`. */
function awayFromKinks(stream: RandomStream): number {
  for (;;) {
    const x = stream.normal();
    if ([0, -0.8, 0.9].every((kink) => Math.abs(x - kink) > 3 * STEP)) return x;
  }
}

describe('gradients', () => {
  test.each(cases)('$name: as central differences', async ({ name, shapes, make, positive }) => {
    const stream = randomStream('gradients', name);
    const draw = () => (positive ? 0.5 + 1.5 * stream.uniform() : awayFromKinks(stream));
    const values = shapes.map((shape) => Float32Array.from({ length: elementCount(shape) }, draw));
    const graph = new GraphBuilder('gradient');
    const tape = new Tape(graph);
    const operands = shapes.map((shape, i) => tape.input(`x${i}`, 'float32', shape));
    const y = make(...operands);
    const direction = Float32Array.from({ length: elementCount(y.shape) }, () => stream.normal());
    const loss = reduceSum(multiply(y, tape.constant(float32(direction, y.shape))), [
      ...y.shape.keys(),
    ]);
    graph.output('y', y.value, [...y.shape]);
    gradients(loss, operands).forEach((slope, i) => {
      expect(slope.shape).toEqual(shapes[i]);
      graph.output(`slope${i}`, slope.value, [...slope.shape]);
    });
    await using session = await createSession(graph.build(), { threads: 1 });
    const feeds = () =>
      Object.fromEntries(shapes.map((shape, i) => [`x${i}`, float32(values[i]!, shape)]));
    // Summed in float64 here: the runtime's float32 sum would drown the difference.
    const along = async () => {
      const { y: found } = await session.run(feeds(), ['y']);
      return direction.reduce((sum, value, i) => sum + value * Number(found!.data[i]!), 0);
    };
    const slopes = await session.run(
      feeds(),
      shapes.map((_, i) => `slope${i}`),
    );
    for (const [i, operand] of values.entries()) {
      const found = (slopes[`slope${i}`] as Tensor).data as Float32Array;
      for (let j = 0; j < operand.length; j += 1) {
        const expected = await centralDifference(operand, j, along);
        const scaleOf = 1 + Math.abs(expected);
        expect(Math.abs(found[j]! - expected) / scaleOf, `operand ${i} at ${j}`).toBeLessThan(1e-3);
      }
    }
  });

  test('refuses a loss of several numbers and a parameter without influence', () => {
    const tape = new Tape(new GraphBuilder('refused'));
    const [a, b] = [tape.input('a', 'float32', [2]), tape.input('b', 'float32', [2])];
    expect(() => gradients(tanh(a), [a])).toThrow('expected a scalar loss, got shape [2]');
    expect(() => gradients(reduceSum(tanh(a), [0]), [b])).toThrow('does not depend on `b`');
  });

  test('says which shapes do not fit', () => {
    const tape = new Tape(new GraphBuilder('shapes'));
    const a = tape.input('a', 'float32', [2, 3]);
    expect(() => add(a, tape.input('b', 'float32', [2]))).toThrow('[2, 3] and [2] do not fit');
    expect(() => product(a, a)).toThrow('product: [2, 3] and [2, 3] do not fit');
    expect(() => reshape(a, [4])).toThrow('reshape: expected as many elements in [4]');
    expect(() => slice(a, { axis: 1, from: 2, to: 4 })).toThrow('2 … 4 is outside [2, 3]');
    expect(() => expand(a, [3])).toThrow('[2, 3] does not spread to [3]');
  });
});

/** Central differences of the fourth order: [8 (f(x + h) − f(x − h)) − (f(x + 2h) − f(x − 2h))] / 12h. */
async function centralDifference(
  x: Float32Array,
  j: number,
  f: () => Promise<number>,
): Promise<number> {
  const middle = x[j]!;
  const at = async (value: number) => {
    x[j] = value;
    return f();
  };
  const near = (await at(middle + STEP)) - (await at(middle - STEP));
  const far = (await at(middle + 2 * STEP)) - (await at(middle - 2 * STEP));
  x[j] = middle;
  return (8 * near - far) / (12 * STEP);
}
