import type { GraphBuilder, Value } from '../../graph/index.ts';
import type { LinearSpec, NormSpec } from '../model-spec.ts';
import { type Tensors, weight } from '../weights.ts';

/** What every block needs to add itself to a graph. */
export type BlockContext = {
  readonly graph: GraphBuilder;
  readonly tensors: Tensors;
};

/** y = x · weightᵀ + bias for x (…, inputs). */
export function linear(context: BlockContext, x: Value, spec: LinearSpec): Value {
  const { graph, tensors } = context;
  const product = graph.linear(x, weight(graph, tensors, spec.weight));
  if (spec.bias === null) return product;
  return graph.op('Add', [product, weight(graph, tensors, spec.bias)]);
}

/** The norm over the last axis of x; x itself where there is none. */
export function norm(context: BlockContext, x: Value, spec: NormSpec | null): Value {
  if (spec === null) return x;
  const { graph, tensors } = context;
  return graph.op('RMSNormalization', [x, weight(graph, tensors, spec.weight)], {
    axis: -1,
    epsilon: spec.epsilon,
  });
}
