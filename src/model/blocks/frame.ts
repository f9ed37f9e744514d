import type { Value } from '../../graph/index.ts';
import type { ModelSpec } from '../model-spec.ts';
import { stored } from '../weights.ts';
import type { BlockContext } from './context.ts';
import { linear } from './linear.ts';
import type { Rotation } from './projections.ts';
import { softcap } from './softcap.ts';

/** States before the first block, of tokens `ids` at `positions`. */
export function embed(
  context: BlockContext,
  { embedding }: ModelSpec,
  { ids, positions }: { readonly ids: Value; readonly positions: Value },
): Value {
  const { graph } = context;
  const tokens = rows(context, embedding, { table: embedding.table, index: ids });
  const scaled =
    embedding.scale === 1 ? tokens : graph.op('Mul', [tokens, graph.number(embedding.scale)]);
  if (embedding.positions === null) return scaled;
  const { table } = embedding.positions;
  return graph.op('Add', [scaled, rows(context, embedding, { table, index: positions })]);
}

/** Rows of a table in float32: the rows are cast, not the table, unless it has to be. */
function rows(
  { graph, tensors }: BlockContext,
  { castFirst = false }: ModelSpec['embedding'],
  { table, index }: { readonly table: string; readonly index: Value },
): Value {
  const whole = stored(graph, tensors, table);
  const values = castFirst && whole.dtype === 'float16' ? graph.cast(whole, 'float32') : whole;
  return graph.cast(graph.op('Gather', [values, index]), 'float32');
}

/** Logits of normed states (…, hidden). */
export function logits(context: BlockContext, spec: ModelSpec, normed: Value): Value {
  return softcap(context, linear(context, normed, spec.head), spec.logitSoftcap);
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
    rotated: rope.dim,
  }));
  return { positions, tables };
}
