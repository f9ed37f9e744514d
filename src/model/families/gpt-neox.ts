import type { ConfigReader } from '../config-reader.ts';
import type { LayerSpec, ModelSpec } from '../model-spec.ts';
import { readRope } from '../rope.ts';
import { type Dimensions, readDimensions } from './dimensions.ts';
import { attention, layerNorm, linear, readActivation } from './parts.ts';

/**
 * GPT-NeoX (Pythia): LayerNorms with biases, queries, keys and values of each head beside each other in one matrix, a part
 * of each head rotated, an MLP without gate; attention and MLP read the same states unless `use_parallel_residual` is off.
 */
export function readGptNeox(config: ConfigReader): ModelSpec {
  config.only('num_key_value_heads', [config.size('num_attention_heads')]);
  const sizes = readDimensions(config, { headDim: 'quotient' });
  const rope = readRope(config, {
    headDim: sizes.headDim,
    defaultTheta: 10_000,
    thetaField: 'rotary_emb_base',
    partial: { fallback: 0.25, fields: ['rotary_pct', 'partial_rotary_factor'] },
  });
  // The class overwrites it with `rotary_emb_base`.
  config.only('rope_theta', [config.positive('rotary_emb_base', 10_000)]);
  const epsilon = config.positive('layer_norm_eps', 1e-5);
  const norm = (name: string) => layerNorm(name, sizes.hidden, epsilon);
  const tied = config.flag('tie_word_embeddings', false);
  const embedding = 'gpt_neox.embed_in';
  return {
    family: 'gpt_neox',
    hidden: sizes.hidden,
    vocabulary: sizes.vocabulary,
    contextLength: config.contextLength(),
    prefix: 'gpt_neox.',
    embedding: { table: `${embedding}.weight`, scale: 1, positions: null },
    layers: blocks(config, sizes, norm),
    finalNorm: norm('gpt_neox.final_layer_norm'),
    head: linear(tied ? embedding : 'embed_out', [sizes.hidden, sizes.vocabulary], false),
    logitSoftcap: null,
    ropes: [rope],
  };
}

function blocks(
  config: ConfigReader,
  sizes: Dimensions,
  norm: (name: string) => ReturnType<typeof layerNorm>,
): LayerSpec[] {
  const { hidden, intermediate, heads } = sizes;
  const bias = config.flag('attention_bias', true);
  const parallel = config.flag('use_parallel_residual', true);
  const activation = readActivation(config, 'gelu');
  return Array.from({ length: sizes.layers }, (_, i): LayerSpec => {
    const layer = `gpt_neox.layers.${i}`;
    const projections = {
      fused: linear(`${layer}.attention.query_key_value`, [hidden, 3 * hidden], bias),
      widths: [hidden, hidden, hidden],
      perHead: heads,
    };
    const output = linear(`${layer}.attention.dense`, [hidden, hidden], bias);
    return {
      attentionNorm: norm(`${layer}.input_layernorm`),
      attention: { ...attention(layer, sizes, { projections }), output },
      attentionOutputNorm: null,
      mlpNorm: norm(`${layer}.post_attention_layernorm`),
      mlp: {
        kind: 'dense',
        inner: { apart: [linear(`${layer}.mlp.dense_h_to_4h`, [hidden, intermediate], true)] },
        activation,
        down: linear(`${layer}.mlp.dense_4h_to_h`, [intermediate, hidden], true),
      },
      mlpOutputNorm: null,
      parallel,
    };
  });
}
