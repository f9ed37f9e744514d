import type { ConfigReader } from '../config-reader.ts';
import type { LayerSpec, LinearSpec, ModelSpec } from '../model-spec.ts';
import { layerNorm, linear, readActivation } from './parts.ts';

/** GPT-2: learned positions, matrices stored as (inputs, outputs), an MLP without gate. */
export function readGpt2(config: ConfigReader): ModelSpec {
  const hidden = config.size('n_embd');
  const vocabulary = config.size('vocab_size');
  const count = config.size('n_positions', 1024);
  // An older name of the number of positions.
  config.only('n_ctx', [count]);
  const epsilon = config.positive('layer_norm_epsilon', 1e-5);
  const tied = config.flag('tie_word_embeddings', true);
  const embedding = 'transformer.wte';
  return {
    family: 'gpt2',
    hidden,
    vocabulary,
    contextLength: count,
    prefix: 'transformer.',
    embedding: {
      table: `${embedding}.weight`,
      scale: 1,
      positions: { table: 'transformer.wpe.weight', count },
    },
    layers: blocks(config, { hidden, epsilon }),
    finalNorm: layerNorm('transformer.ln_f', hidden, epsilon),
    head: linear(tied ? embedding : 'lm_head', [hidden, vocabulary], false),
    logitSoftcap: null,
    ropes: [],
  };
}

function blocks(
  config: ConfigReader,
  { hidden, epsilon }: { readonly hidden: number; readonly epsilon: number },
): LayerSpec[] {
  const heads = config.size('n_head');
  if (hidden % heads !== 0) throw config.wrong('n_head', `a divisor of n_embd (${hidden})`);
  const headDim = hidden / heads;
  const inner = config.size('n_inner', 4 * hidden);
  const activation = readActivation(config, 'gelu_new', 'activation_function');
  const scaled = config.flag('scale_attn_weights', true);
  const byLayer = config.flag('scale_attn_by_inverse_layer_idx', false);
  // Changes the order of operations for half precision, not what is computed.
  config.flag('reorder_and_upcast_attn', false);
  const norm = (name: string) => layerNorm(name, hidden, epsilon);
  return Array.from({ length: config.parts('n_layer') }, (_, i): LayerSpec => {
    const layer = `transformer.h.${i}`;
    return {
      attentionNorm: norm(`${layer}.ln_1`),
      attention: {
        heads,
        keyValueHeads: heads,
        headDim,
        projections: {
          fused: conv1d(`${layer}.attn.c_attn`, [hidden, 3 * hidden]),
          widths: [hidden, hidden, hidden],
          perHead: null,
        },
        output: conv1d(`${layer}.attn.c_proj`, [hidden, hidden]),
        queryNorm: null,
        keyNorm: null,
        clip: null,
        rope: null,
        window: null,
        scale: (scaled ? headDim ** -0.5 : 1) / (byLayer ? i + 1 : 1),
        softcap: null,
      },
      attentionOutputNorm: null,
      mlpNorm: norm(`${layer}.ln_2`),
      mlp: {
        kind: 'dense',
        inner: { apart: [conv1d(`${layer}.mlp.c_fc`, [hidden, inner])] },
        activation,
        down: conv1d(`${layer}.mlp.c_proj`, [inner, hidden]),
      },
      mlpOutputNorm: null,
      parallel: false,
    };
  });
}

function conv1d(name: string, sizes: readonly [number, number]): LinearSpec {
  return { ...linear(name, sizes, true), transposed: true };
}
