import {
  divide,
  exponential,
  multiply,
  scale,
  shift,
  squareRoot,
  subtract,
} from './elementwise.ts';
import { expand, reducedShape, reduceSum, reshape, sumTo } from './layout.ts';
import { type Operation, record, type Traced } from './tape.ts';

/** Operations that put one axis in relation to itself. Axes are 0 or more; norms are over the last one. */

const MEAN: Operation<{ readonly axes: readonly number[]; readonly keep: boolean }> = {
  shape: ([x], settings) => reducedShape(x!, settings),
  emit: (graph, [x], { axes, keep }) =>
    graph.op('ReduceMean', [x!.value, graph.ints(...axes)], { keepdims: keep ? 1 : 0 }),
  slopes: ({ operands: [x], slope, settings: { axes } }) => [
    () => {
      const count = axes.reduce((product, axis) => product * x!.shape[axis]!, 1);
      const kept = reducedShape(x!.shape, { axes, keep: true });
      return expand(scale(reshape(slope, kept), 1 / count), x!.shape);
    },
  ],
};

/** Means over `axes`, which stay with size 1 where `keep` says so. */
export function reduceMean(x: Traced, axes: readonly number[], keep = false): Traced {
  return record(MEAN, [x], { axes, keep });
}

type Along = { readonly axis: number };

const SOFTMAX: Operation<Along> = {
  shape: ([x]) => x!,
  emit: (graph, [x], { axis }) => graph.op('Softmax', [x!.value], { axis }),
  slopes: ({ result, slope, settings: { axis } }) => [
    () => {
      const weighted = multiply(slope, result);
      return subtract(weighted, multiply(result, reduceSum(weighted, [axis], true)));
    },
  ],
};

export function softmax(x: Traced, axis: number): Traced {
  return record(SOFTMAX, [x], { axis });
}

const LOG_SOFTMAX: Operation<Along> = {
  shape: ([x]) => x!,
  emit: (graph, [x], { axis }) => graph.op('LogSoftmax', [x!.value], { axis }),
  slopes: ({ result, slope, settings: { axis } }) => [
    () => subtract(slope, multiply(exponential(result), reduceSum(slope, [axis], true))),
  ],
};

export function logSoftmax(x: Traced, axis: number): Traced {
  return record(LOG_SOFTMAX, [x], { axis });
}

type Norm = { readonly epsilon: number };

/** 1 / √(mean x² + ε) over the last axis, of size 1 there. */
function inverseScale(x: Traced, epsilon: number): Traced {
  const last = x.shape.length - 1;
  const square = reduceMean(multiply(x, x), [last], true);
  return divide(x.tape.number(1), squareRoot(shift(square, epsilon)));
}

const LAYER_NORM: Operation<Norm> = {
  shape: ([x]) => x!,
  emit: (graph, [x, weight, bias], { epsilon }) =>
    graph.op('LayerNormalization', [x!.value, weight!.value, bias!.value], { axis: -1, epsilon }),
  slopes: ({ operands: [x, weight, bias], slope, settings: { epsilon } }) => {
    const last = x!.shape.length - 1;
    const centred = subtract(x!, reduceMean(x!, [last], true));
    const inverse = inverseScale(centred, epsilon);
    const unit = multiply(centred, inverse);
    return [
      () => {
        const inner = multiply(slope, weight!);
        const along = multiply(unit, reduceMean(multiply(inner, unit), [last], true));
        const rest = subtract(inner, reduceMean(inner, [last], true));
        return multiply(inverse, subtract(rest, along));
      },
      () => sumTo(multiply(slope, unit), weight!.shape),
      () => sumTo(slope, bias!.shape),
    ];
  },
};

/** (x − mean) / √(variance + ε) · weight + bias over the last axis. @default ε 1e-5 */
export function layerNorm(
  x: Traced,
  { weight, bias, epsilon = 1e-5 }: { weight: Traced; bias: Traced; epsilon?: number },
): Traced {
  return record(LAYER_NORM, [x, weight, bias], { epsilon });
}

const RMS_NORM: Operation<Norm> = {
  shape: ([x]) => x!,
  emit: (graph, [x, weight], { epsilon }) =>
    graph.op('RMSNormalization', [x!.value, weight!.value], { axis: -1, epsilon }),
  slopes: ({ operands: [x, weight], slope, settings: { epsilon } }) => {
    const last = x!.shape.length - 1;
    const inverse = inverseScale(x!, epsilon);
    const unit = multiply(x!, inverse);
    return [
      () => {
        const inner = multiply(slope, weight!);
        const along = multiply(unit, reduceMean(multiply(inner, unit), [last], true));
        return multiply(inverse, subtract(inner, along));
      },
      () => sumTo(multiply(slope, unit), weight!.shape),
    ];
  },
};

/** x / √(mean x² + ε) · weight over the last axis. @default ε 1e-5 */
export function rmsNorm(x: Traced, weight: Traced, epsilon = 1e-5): Traced {
  return record(RMS_NORM, [x, weight], { epsilon });
}
