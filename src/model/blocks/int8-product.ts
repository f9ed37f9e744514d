import type { GraphBuilder, Value } from '../../graph/index.ts';
import { int8Names } from '../int8.ts';
import type { LinearSpec } from '../model-spec.ts';

/** Values as whole numbers, each token on a scale of its own: a token of huge values takes nothing from the others. */
export type Int8Rows = {
  /** uint8 (…, inputs): 128 is 0, and the token's largest magnitude 1 or 255. */
  readonly whole: Value;
  /** float32 (…, 1): the token's largest magnitude. */
  readonly largest: Value;
};

const ZERO = 128;
const STEPS = 127;
/** Instead of the largest magnitude of a token that is all zeros. */
const TINY = 1e-30;

/** x (…, inputs) of so many axes, rounded: what depends on its own token alone is the same in any batch. */
export function int8Rows(
  graph: GraphBuilder,
  x: Value,
  { axes, inputs }: { readonly axes: number; readonly inputs: number },
): Int8Rows {
  // Counted from the front: of no rows at all, the runtime gives another shape for -1.
  const last = graph.ints(axes - 1);
  const most = graph.op('ReduceMax', [x, last], { keepdims: 1 });
  const least = graph.op('Neg', [graph.op('ReduceMin', [x, last], { keepdims: 1 })]);
  const largest = graph.op('Max', [most, least, graph.number(TINY)]);
  // A scale a token is one along the first of two axes.
  const scales = graph.op('Reshape', [
    graph.op('Mul', [largest, graph.number(1 / STEPS)]),
    graph.ints(-1),
  ]);
  const zeros = graph.op('Expand', [zero(graph), graph.op('Shape', [scales])]);
  const flat = graph.op('Reshape', [x, graph.ints(-1, inputs)]);
  const rounded = graph.op('QuantizeLinear', [flat, scales, zeros], { axis: 0 });
  return { whole: graph.op('Reshape', [rounded, graph.op('Shape', [x])]), largest };
}

/** x · weightᵀ in whole numbers, then back to floats by the scales of token and output. */
export function int8Product(
  graph: GraphBuilder,
  { whole, largest }: Int8Rows,
  spec: LinearSpec,
): Value {
  const names = int8Names(spec);
  const weights = graph.given(names.weights, 'int8', [spec.inputs, spec.outputs]);
  const scales = graph.given(names.scales, 'float32', [spec.outputs]);
  const step = graph.number(1 / STEPS);
  const product = graph.op('MatMulIntegerToFloat', [whole, weights, step, scales, zero(graph)]);
  return graph.op('Mul', [product, largest]);
}

function zero(graph: GraphBuilder): Value {
  return graph.byte(ZERO);
}
