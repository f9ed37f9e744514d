import type { Value } from '../../graph/index.ts';
import type { LinearGroup, LinearSpec } from '../model-spec.ts';
import { weight } from '../weights.ts';
import type { BlockContext } from './context.ts';
import { int8Product, type Int8Rows, int8Rows } from './int8-product.ts';

/** y = x · weightᵀ + bias for x (…, inputs). */
export function linear(context: BlockContext, x: Value, spec: LinearSpec): Value {
  return linearsOf(context, x)(spec);
}

/** Any linear layer of one input, which is turned into whole numbers once for all that want it so. */
function linearsOf(
  { graph, tensors, axes = 3 }: BlockContext,
  x: Value,
): (spec: LinearSpec) => Value {
  let rows: Int8Rows | null = null;
  const productOf = (spec: LinearSpec): Value => {
    if (spec.precision === 'int8') {
      rows ??= int8Rows(graph, x, { axes, inputs: spec.inputs });
      return int8Product(graph, rows, spec);
    }
    const stored = weight(graph, tensors, spec.weight);
    return spec.transposed ? graph.op('MatMul', [x, stored]) : graph.linear(x, stored);
  };
  return (spec) =>
    spec.bias === null
      ? productOf(spec)
      : graph.op('Add', [productOf(spec), weight(graph, tensors, spec.bias)]);
}

/** What each layer of the group makes of x (batch, sequence, inputs). */
export function linears(context: BlockContext, x: Value, group: LinearGroup): Value[] {
  if ('apart' in group) return group.apart.map(linearsOf(context, x));
  const { graph } = context;
  const { fused, widths, perHead } = group;
  const joined = linear(context, x, fused);
  const split = (value: Value, sizes: readonly number[]): Value[] =>
    graph.ops('Split', [value, graph.ints(...sizes)], {
      outputs: sizes.length,
      attributes: { axis: -1 },
    });
  if (perHead === null) return split(joined, widths);
  const apart = graph.op('Reshape', [joined, graph.ints(0, 0, perHead, fused.outputs / perHead)]);
  const shares = split(
    apart,
    widths.map((width) => width / perHead),
  );
  return shares.map((share, i) => graph.op('Reshape', [share, graph.ints(0, 0, widths[i]!)]));
}
