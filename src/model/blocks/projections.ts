import type { Value } from '../../graph/index.ts';
import type { AttentionSpec, NormSpec } from '../model-spec.ts';
import { type BlockContext, linear, norm } from './context.ts';

/** Positions of the tokens and the tables of every rotation. */
export type Rotation = {
  /** int64 (batch, sequence). */
  readonly positions: Value;
  /** cos and sin (positions, rotated / 2), one pair for each of the model's `ropes`. */
  readonly tables: readonly { readonly cos: Value; readonly sin: Value }[];
};

export type Projected = { readonly query: Value; readonly key: Value; readonly value: Value };

/** Queries, keys and values (batch, sequence, heads · headDim), normed and rotated where the model does so. */
export function project(
  context: BlockContext,
  x: Value,
  { spec, rotation }: { readonly spec: AttentionSpec; readonly rotation: Rotation },
): Projected {
  const prepare = (projected: Value, qkNorm: NormSpec | null, heads: number): Value =>
    rotate(context, headNorm(context, projected, { norm: qkNorm, heads, spec }), {
      heads,
      rope: spec.rope,
      rotation,
    });
  return {
    query: prepare(linear(context, x, spec.query), spec.queryNorm, spec.heads),
    key: prepare(linear(context, x, spec.key), spec.keyNorm, spec.keyValueHeads),
    value: linear(context, x, spec.value),
  };
}

type HeadNorm = {
  readonly norm: NormSpec | null;
  readonly heads: number;
  readonly spec: AttentionSpec;
};

/** A norm as wide as all heads works on x as it is; one as wide as a head needs the heads apart. */
function headNorm(context: BlockContext, x: Value, options: HeadNorm): Value {
  const { heads, spec } = options;
  if (options.norm === null || options.norm.size === heads * spec.headDim) {
    return norm(context, x, options.norm);
  }
  const { graph } = context;
  const apart = graph.op('Reshape', [x, graph.ints(0, 0, heads, spec.headDim)]);
  const normed = norm(context, apart, options.norm);
  return graph.op('Reshape', [normed, graph.ints(0, 0, heads * spec.headDim)]);
}

function rotate(
  { graph }: BlockContext,
  x: Value,
  options: { readonly heads: number; readonly rope: number; readonly rotation: Rotation },
): Value {
  const tables = options.rotation.tables[options.rope];
  if (tables === undefined) throw new Error(`model: no table of rotation ${options.rope}`);
  return graph.op('RotaryEmbedding', [x, tables.cos, tables.sin, options.rotation.positions], {
    num_heads: options.heads,
    interleaved: 0,
  });
}
