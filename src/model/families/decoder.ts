import type { ConfigReader } from '../config-reader.ts';
import type { AttentionSpec, LinearSpec, MlpSpec, ModelSpec, NormSpec } from '../model-spec.ts';
import { type RopeSpec, sameRope } from '../rope.ts';

/** The sizes that every family of the Llama kind shares. */
export type Dimensions = {
  readonly hidden: number;
  readonly intermediate: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headDim: number;
  readonly vocabulary: number;
};

export type DimensionDefaults = {
  readonly keyValueHeads?: number;
  readonly headDim?: number;
};

export function readDimensions(config: ConfigReader, defaults: DimensionDefaults = {}): Dimensions {
  const hidden = config.size('hidden_size');
  const heads = config.size('num_attention_heads');
  const headDim = config.size('head_dim', defaults.headDim ?? hidden / heads);
  const keyValueHeads = config.size('num_key_value_heads', defaults.keyValueHeads ?? heads);
  if (headDim % 2 !== 0) throw config.wrong('head_dim', 'even');
  if (heads % keyValueHeads !== 0) {
    throw config.wrong('num_key_value_heads', `a divisor of num_attention_heads (${heads})`);
  }
  return {
    hidden,
    intermediate: config.size('intermediate_size'),
    layers: config.size('num_hidden_layers'),
    heads,
    keyValueHeads,
    headDim,
    vocabulary: config.size('vocab_size'),
  };
}

/** A linear layer under `name` (`.weight`, `.bias`). */
function linear(
  name: string,
  [inputs, outputs]: readonly [number, number],
  bias: boolean,
): LinearSpec {
  return { weight: `${name}.weight`, bias: bias ? `${name}.bias` : null, inputs, outputs };
}

export function rmsNorm(name: string, size: number, epsilon: number): NormSpec {
  return { weight: `${name}.weight`, size, epsilon };
}

/** The four projections of `model.layers.N.self_attn`. */
export function projections(
  layer: string,
  { hidden, heads, keyValueHeads, headDim }: Dimensions,
  bias: boolean,
): Pick<AttentionSpec, 'query' | 'key' | 'value' | 'output'> {
  const queries = heads * headDim;
  const keys = keyValueHeads * headDim;
  return {
    query: linear(`${layer}.self_attn.q_proj`, [hidden, queries], bias),
    key: linear(`${layer}.self_attn.k_proj`, [hidden, keys], bias),
    value: linear(`${layer}.self_attn.v_proj`, [hidden, keys], bias),
    output: linear(`${layer}.self_attn.o_proj`, [queries, hidden], bias),
  };
}

export function gatedMlp(
  layer: string,
  { hidden, intermediate }: Dimensions,
  bias: boolean,
): MlpSpec {
  return {
    gate: linear(`${layer}.mlp.gate_proj`, [hidden, intermediate], bias),
    up: linear(`${layer}.mlp.up_proj`, [hidden, intermediate], bias),
    down: linear(`${layer}.mlp.down_proj`, [intermediate, hidden], bias),
  };
}

/** What stands around the blocks: embedding, final norm and head, tied or not (not tied where the field is missing). */
export function frame(
  config: ConfigReader,
  { hidden, vocabulary }: Dimensions,
  epsilon: number,
): Pick<ModelSpec, 'hidden' | 'vocabulary' | 'contextLength' | 'embedding' | 'finalNorm' | 'head'> {
  const embedding = 'model.embed_tokens';
  const tied = config.flag('tie_word_embeddings', false);
  return {
    hidden,
    vocabulary,
    contextLength: config.contextLength(),
    embedding: `${embedding}.weight`,
    finalNorm: rmsNorm('model.norm', hidden, epsilon),
    head: linear(tied ? embedding : 'lm_head', [hidden, vocabulary], false),
  };
}

/** Collects rotations, so that layers with the same one share its tables. */
export class RopeList {
  readonly ropes: RopeSpec[] = [];

  /** Index of `rope` in the list. */
  index(rope: RopeSpec): number {
    const known = this.ropes.findIndex((each) => sameRope(each, rope));
    return known >= 0 ? known : this.ropes.push(rope) - 1;
  }
}
