import type { Config } from '../config-reader.ts';
import { readModelSpec } from '../read-model-spec.ts';
import { requiredTensors } from '../weights.ts';

export type TinyFamily = {
  readonly name: string;
  /** For `writeTinyCheckpoint`. */
  readonly model: { config: Config; shapes: [string, readonly number[]][] };
};

const VOCABULARY = 270;

const base = {
  hidden_size: 16,
  intermediate_size: 40,
  max_position_embeddings: 256,
  num_attention_heads: 4,
  num_hidden_layers: 3,
  num_key_value_heads: 2,
  vocab_size: VOCABULARY,
};
/** Heads of eight values take the runtime's tiled attention, smaller ones the standard operator. */
const wide = { ...base, hidden_size: 32 };

const sliding = ['sliding_attention', 'full_attention', 'sliding_attention'];

/** Every family, with heads for both forms of attention, and every field that changes what is computed. */
const CONFIGS: Readonly<Record<string, Config>> = {
  llama: {
    ...base,
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    attention_bias: true,
    mlp_bias: true,
    rope_scaling: { rope_type: 'linear', factor: 2 },
  },
  mistral: {
    ...base,
    architectures: ['MistralForCausalLM'],
    model_type: 'mistral',
    sliding_window: 5,
  },
  'mistral, wide': {
    ...wide,
    architectures: ['MistralForCausalLM'],
    model_type: 'mistral',
    sliding_window: 5,
    hidden_act: 'relu',
  },
  qwen2: {
    ...wide,
    architectures: ['Qwen2ForCausalLM'],
    model_type: 'qwen2',
    use_sliding_window: true,
    sliding_window: 4,
    max_window_layers: 1,
  },
  qwen3: {
    ...base,
    architectures: ['Qwen3ForCausalLM'],
    model_type: 'qwen3',
    head_dim: 6,
    tie_word_embeddings: true,
  },
  olmo: {
    ...wide,
    architectures: ['OlmoForCausalLM'],
    model_type: 'olmo',
    clip_qkv: 0.3,
  },
  olmo2: { ...base, architectures: ['Olmo2ForCausalLM'], model_type: 'olmo2' },
  olmo3: {
    ...wide,
    architectures: ['Olmo3ForCausalLM'],
    model_type: 'olmo3',
    layer_types: sliding,
    sliding_window: 6,
    rope_theta: 5e5,
    rope_scaling: { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 32 },
  },
  smollm3: {
    ...base,
    architectures: ['SmolLM3ForCausalLM'],
    model_type: 'smollm3',
    no_rope_layers: [1, 0, 1],
    use_sliding_window: true,
    sliding_window: 5,
  },
  phi3: {
    ...wide,
    architectures: ['Phi3ForCausalLM'],
    model_type: 'phi3',
    partial_rotary_factor: 0.5,
    sliding_window: 7,
  },
  gemma2: {
    ...wide,
    architectures: ['Gemma2ForCausalLM'],
    model_type: 'gemma2',
    head_dim: 8,
    sliding_window: 5,
    attn_logit_softcapping: 0.5,
    final_logit_softcapping: 2,
    query_pre_attn_scalar: 3,
  },
  'gemma2, narrow': {
    ...base,
    architectures: ['Gemma2ForCausalLM'],
    model_type: 'gemma2',
    head_dim: 4,
    sliding_window: 5,
    attn_logit_softcapping: 0.5,
  },
  gemma3_text: {
    ...base,
    architectures: ['Gemma3ForCausalLM'],
    model_type: 'gemma3_text',
    head_dim: 4,
    layer_types: sliding,
    sliding_window: 5,
    rope_scaling: { rope_type: 'linear', factor: 8 },
  },
  gpt_neox: {
    ...wide,
    num_key_value_heads: null,
    architectures: ['GPTNeoXForCausalLM'],
    model_type: 'gpt_neox',
    rotary_pct: 0.25,
  },
  'gpt_neox, sequential': {
    ...base,
    num_key_value_heads: null,
    architectures: ['GPTNeoXForCausalLM'],
    model_type: 'gpt_neox',
    rotary_pct: 1,
    use_parallel_residual: false,
    attention_bias: false,
  },
  olmoe: {
    ...wide,
    architectures: ['OlmoeForCausalLM'],
    model_type: 'olmoe',
    num_experts: 6,
    num_experts_per_tok: 2,
    clip_qkv: 0.5,
  },
  qwen3_moe: {
    ...base,
    architectures: ['Qwen3MoeForCausalLM'],
    model_type: 'qwen3_moe',
    head_dim: 6,
    num_experts: 4,
    num_experts_per_tok: 3,
    norm_topk_prob: true,
    moe_intermediate_size: 12,
    mlp_only_layers: [1],
  },
  gpt2: {
    architectures: ['GPT2LMHeadModel'],
    model_type: 'gpt2',
    n_embd: 16,
    n_head: 4,
    n_layer: 3,
    n_positions: 256,
    vocab_size: VOCABULARY,
    scale_attn_by_inverse_layer_idx: true,
  },
};

export const TINY_FAMILIES: readonly TinyFamily[] = Object.entries(CONFIGS).map(
  ([name, config]) => ({
    name,
    model: {
      config,
      shapes: requiredTensors(readModelSpec(config, name)).reduce<[string, readonly number[]][]>(
        // A tied head is the embedding again.
        (all, { name: tensor, shape }) =>
          all.some(([known]) => known === tensor) ? all : [...all, [tensor, shape]],
        [],
      ),
    },
  }),
);
