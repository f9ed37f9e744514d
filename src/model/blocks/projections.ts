import type { Value } from '../../graph/index.ts';
import type { AttentionSpec, NormSpec } from '../model-spec.ts';
import type { BlockContext } from './context.ts';
import { linears } from './linear.ts';
import { norm } from './norm.ts';

/** Positions of the tokens and the tables of every rotation. */
export type Rotation = {
  /** int64 (batch, sequence). */
  readonly positions: Value;
  /** cos and sin (positions, rotated / 2) and the number of rotated values of a head, for each of the model's `ropes`. */
  readonly tables: readonly {
    readonly cos: Value;
    readonly sin: Value;
    readonly rotated: number;
  }[];
};

export type Projected = { readonly query: Value; readonly key: Value; readonly value: Value };

/** Queries, keys and values (batch, sequence, heads · headDim), normed, clipped and rotated where the model does so. */
export function project(
  context: BlockContext,
  x: Value,
  { spec, rotation }: { readonly spec: AttentionSpec; readonly rotation: Rotation },
): Projected {
  const [query, key, value] = linears(context, x, spec.projections);
  if (query === undefined || key === undefined || value === undefined) {
    throw new Error('model: attention needs three projections');
  }
  const prepare = (projected: Value, qkNorm: NormSpec | null, heads: number): Value => {
    const normed = headNorm(context, projected, { norm: qkNorm, heads, spec });
    return rotate(context, clip(context, normed, spec.clip), { heads, spec, rotation });
  };
  return {
    query: prepare(query, spec.queryNorm, spec.heads),
    key: prepare(key, spec.keyNorm, spec.keyValueHeads),
    value: clip(context, value, spec.clip),
  };
}

function clip({ graph }: BlockContext, x: Value, limit: number | null): Value {
  if (limit === null) return x;
  return graph.op('Clip', [x, graph.number(-limit), graph.number(limit)]);
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
  options: { readonly heads: number; readonly spec: AttentionSpec; readonly rotation: Rotation },
): Value {
  const { rope, headDim } = options.spec;
  if (rope === null) return x;
  const tables = options.rotation.tables[rope];
  if (tables === undefined) throw new Error(`model: no table of rotation ${rope}`);
  return graph.op('RotaryEmbedding', [x, tables.cos, tables.sin, options.rotation.positions], {
    num_heads: options.heads,
    interleaved: 0,
    ...(tables.rotated === headDim ? {} : { rotary_embedding_dim: tables.rotated }),
  });
}
