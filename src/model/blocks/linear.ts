import type { Value } from '../../graph/index.ts';
import type { LinearGroup, LinearSpec } from '../model-spec.ts';
import { weight } from '../weights.ts';
import type { BlockContext } from './context.ts';

/** y = x · weightᵀ + bias for x (…, inputs). */
export function linear(context: BlockContext, x: Value, spec: LinearSpec): Value {
  const { graph, tensors } = context;
  const stored = weight(graph, tensors, spec.weight);
  const product = spec.transposed ? graph.op('MatMul', [x, stored]) : graph.linear(x, stored);
  if (spec.bias === null) return product;
  return graph.op('Add', [product, weight(graph, tensors, spec.bias)]);
}

/** What each layer of the group makes of x (batch, sequence, inputs). */
export function linears(context: BlockContext, x: Value, group: LinearGroup): Value[] {
  if ('apart' in group) return group.apart.map((spec) => linear(context, x, spec));
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
