import type { Value } from '../../graph/index.ts';
import type { ModelSpec } from '../model-spec.ts';
import { stored } from '../weights.ts';
import type { BlockContext } from './context.ts';
import type { Rotation } from './projections.ts';

/** Rows of the table for `ids`, in float32: the rows are cast, never the table. */
export function embed({ graph, tensors }: BlockContext, spec: ModelSpec, ids: Value): Value {
  return graph.cast(graph.op('Gather', [stored(graph, tensors, spec.embedding), ids]), 'float32');
}

/** Declares the inputs of positions (as given) and of cos and sin tables, one pair a rotation. */
export function rotationInputs(
  { graph }: BlockContext,
  spec: ModelSpec,
  positions: Value,
): Rotation {
  const tables = spec.ropes.map((rope, i) => ({
    cos: graph.input(`cos.${i}`, 'float32', ['positions', rope.dim / 2]),
    sin: graph.input(`sin.${i}`, 'float32', ['positions', rope.dim / 2]),
  }));
  return { positions, tables };
}
