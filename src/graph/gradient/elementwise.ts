import type { AttributesOf, OperatorName } from '../operators.ts';
import { broadcast, sumTo } from './layout.ts';
import { type Backward, type Operation, record, type Shape, type Traced } from './tape.ts';

/** Operations on each number by itself; those of two values broadcast like numpy. */

type Slope = (at: Backward<null>) => Traced;

function unary(type: OperatorName, slope: Slope): (x: Traced) => Traced {
  const operation: Operation<null> = {
    shape: ([x]) => x!,
    emit: (graph, [x]) => graph.op(type, [x!.value]),
    slopes: (at) => [() => slope(at)],
  };
  return (x) => record(operation, [x], null);
}

function binary(
  type: OperatorName,
  slopes: readonly [Slope, Slope] | null,
): (a: Traced, b: Traced) => Traced {
  const operation: Operation<null> = {
    shape: ([a, b]) => broadcast(a!, b!),
    emit: (graph, [a, b]) => graph.op(type, [a!.value, b!.value]),
    slopes: (at) => (slopes ?? []).map((slope, i) => () => sumTo(slope(at), at.operands[i]!.shape)),
  };
  return (a, b) => record(operation, [a, b], null);
}

type Unary = (x: Traced) => Traced;
type Binary = (a: Traced, b: Traced) => Traced;

export const add: Binary = binary('Add', [({ slope }) => slope, ({ slope }) => slope]);

export const subtract: Binary = binary('Sub', [({ slope }) => slope, ({ slope }) => negate(slope)]);

export const multiply: Binary = binary('Mul', [
  ({ operands: [, b], slope }) => multiply(slope, b!),
  ({ operands: [a], slope }) => multiply(slope, a!),
]);

export const divide: Binary = binary('Div', [
  ({ operands: [, b], slope }) => divide(slope, b!),
  ({ operands: [, b], result, slope }) => negate(divide(multiply(slope, result), b!)),
]);

const greater: Binary = binary('Greater', null);
const less: Binary = binary('Less', null);
const either: Binary = binary('Or', null);

export const negate: Unary = unary('Neg', ({ slope }) => negate(slope));

export const exponential: Unary = unary('Exp', ({ result, slope }) => multiply(slope, result));

export const logarithm: Unary = unary('Log', ({ operands: [x], slope }) => divide(slope, x!));

export const squareRoot: Unary = unary('Sqrt', ({ result, slope }) =>
  divide(scale(slope, 0.5), result),
);

export const tanh: Unary = unary('Tanh', ({ result, slope }) =>
  subtract(slope, multiply(slope, multiply(result, result))),
);

export const sigmoid: Unary = unary('Sigmoid', ({ result, slope }) =>
  multiply(slope, multiply(result, shift(negate(result), 1))),
);

/** log(1 + eˣ). */
export const softplus: Unary = unary('Softplus', ({ operands: [x], slope }) =>
  multiply(slope, sigmoid(x!)),
);

export const relu: Unary = unary('Relu', ({ operands: [x], slope }) =>
  where(greater(x!, x!.tape.number(0)), slope, x!.tape.number(0)),
);

export const erf: Unary = unary('Erf', ({ operands: [x], slope }) =>
  multiply(scale(slope, 2 / Math.sqrt(Math.PI)), exponential(negate(multiply(x!, x!)))),
);

/** x + value. */
export function shift(x: Traced, value: number): Traced {
  return add(x, x.tape.number(value));
}

/** x · factor. */
export function scale(x: Traced, factor: number): Traced {
  return multiply(x, x.tape.number(factor));
}

function configured<N extends OperatorName>(
  type: N,
  attributes: AttributesOf<N>,
  slope: Slope,
): Unary {
  const operation: Operation<null> = {
    shape: ([x]) => x!,
    emit: (graph, [x]) => graph.op(type, [x!.value], attributes),
    slopes: (at) => [() => slope(at)],
  };
  return (x) => record(operation, [x], null);
}

/** x · Φ(x), with the error function. */
export const gelu: Unary = configured('Gelu', { approximate: 'none' }, ({ operands, slope }) => {
  const x = operands[0]!;
  const cdf = scale(shift(erf(scale(x, Math.SQRT1_2)), 1), 0.5);
  const density = scale(exponential(scale(multiply(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return multiply(slope, add(cdf, multiply(x, density)));
});

/** ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))). */
export const geluTanh: Unary = configured(
  'Gelu',
  { approximate: 'tanh' },
  ({ operands, slope }) => {
    const x = operands[0]!;
    const [factor, cubic] = [Math.sqrt(2 / Math.PI), 0.044715];
    const square = multiply(x, x);
    const t = tanh(scale(multiply(x, shift(scale(square, cubic), 1)), factor));
    const inner = scale(shift(scale(square, 3 * cubic), 1), factor);
    const tail = multiply(multiply(x, shift(negate(multiply(t, t)), 1)), inner);
    return multiply(slope, scale(add(shift(t, 1), tail), 0.5));
  },
);

const POWER: Operation<{ readonly exponent: number }> = {
  shape: ([x]) => x!,
  emit: (graph, [x], { exponent }) => graph.op('Pow', [x!.value, graph.number(exponent)]),
  slopes: ({ operands: [x], slope, settings: { exponent } }) => [
    () => multiply(scale(slope, exponent), power(x!, exponent - 1)),
  ],
};

/** x to a constant power. */
export function power(x: Traced, exponent: number): Traced {
  return record(POWER, [x], { exponent });
}

const WHERE: Operation<null> = {
  shape: ([mask, a, b]) => broadcast(mask!, broadcast(a!, b!)),
  emit: (graph, [mask, a, b]) => graph.op('Where', [mask!.value, a!.value, b!.value]),
  slopes: ({ operands: [mask, a, b], slope }) => {
    const zero = slope.tape.number(0);
    return [
      () => zero,
      () => sumTo(where(mask!, slope, zero), a!.shape),
      () => sumTo(where(mask!, zero, slope), b!.shape),
    ];
  },
};

/** `a` where `mask` (bool, constant in the gradient), otherwise `b`. */
export function where(mask: Traced, a: Traced, b: Traced): Traced {
  return record(WHERE, [mask, a, b], null);
}

const CLIP: Operation<{ readonly low: number; readonly high: number }> = {
  shape: ([x]: readonly Shape[]) => x!,
  emit: (graph, [x], { low, high }) =>
    graph.op('Clip', [x!.value, graph.number(low), graph.number(high)]),
  slopes: ({ operands: [x], slope, settings: { low, high } }) => [
    () => {
      const { tape } = slope;
      const outside = either(less(x!, tape.number(low)), greater(x!, tape.number(high)));
      return where(outside, tape.number(0), slope);
    },
  ],
};

/** x within low … high; no gradient outside. */
export function clip(x: Traced, low: number, high: number): Traced {
  return record(CLIP, [x], { low, high });
}
