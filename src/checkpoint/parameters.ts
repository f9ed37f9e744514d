import type { TensorInfo } from '../safetensors/index.ts';

export type ParameterCounts = {
  /** All weights; a tied head counts once. */
  params: number;
  /** All less the token and position embeddings and the output head, tied or not. */
  paramsNonEmbedding: number;
  /** Of a mixture of experts: those of them that a token goes through. Absent where that is all of them. */
  activeParamsNonEmbedding?: number | undefined;
  /** Element type of the weights; several are joined by `+`, the most frequent first. */
  dtype: string;
};

/**
 * Tables and masks that some checkpoints carry along: no weights. The causal masks of GPT-2 and GPT-NeoX are named like
 * a bias (`attn.bias`, `attention.bias`); the true biases there have one more part (`attn.c_attn.bias`).
 */
const BUFFER =
  /(^|\.)(inv_freq|original_inv_freq|cos_cached|sin_cached|masked_bias|position_ids|attn\.bias|attention\.bias)$/;
const TOKEN_EMBEDDING = /(^|\.)(embed_tokens|wte|embed_in|word_embeddings|tok_embeddings)\.weight$/;
const POSITION_EMBEDDING = /(^|\.)(wpe|embed_positions|position_embeddings)\.weight$/;
const HEAD = /(^|\.)(lm_head|embed_out)\.(weight|bias)$/;

/** Of one expert, or of all of a layer in one tensor; experts that every token goes through are called otherwise. */
const EXPERT = /(^|\.)experts\./;

/** Families whose classes in transformers do not tie unless the configuration says so; the base class ties. */
const UNTIED_BY_DEFAULT = new Set(
  'llama mistral mixtral qwen2 qwen2_moe qwen3 qwen3_moe olmo olmo2 olmo3 olmoe gpt_neox phi phi3 gptj falcon_mamba deepseek_v2 deepseek_v3 stablelm'.split(
    ' ',
  ),
);

/** Whether the output head is the token embedding (configuration, else the default of the family's class). */
function isTied(config: Readonly<Record<string, unknown>>): boolean {
  const stated = config['tie_word_embeddings'];
  if (typeof stated === 'boolean') return stated;
  const family = config['model_type'];
  return typeof family !== 'string' || !UNTIED_BY_DEFAULT.has(family);
}

/** Of a mixture's experts, the share that a token goes through; 1 where the configuration does not say. */
function shareOfExperts(config: Readonly<Record<string, unknown>>): number {
  const experts =
    config['num_experts'] ?? config['num_local_experts'] ?? config['n_routed_experts'];
  const chosen = config['num_experts_per_tok'];
  const isStated = typeof experts === 'number' && typeof chosen === 'number' && chosen <= experts;
  return isStated ? chosen / experts : 1;
}

/** Counts the parameters of a checkpoint from the headers of its files; no weight is read. */
export function countParameters(
  tensors: Iterable<TensorInfo>,
  config: Readonly<Record<string, unknown>>,
): ParameterCounts {
  const weights = [...tensors].filter(({ name, dtype }) => !BUFFER.test(name) && dtype !== 'BOOL');
  const hasEmbedding = weights.some(({ name }) => TOKEN_EMBEDDING.test(name));
  const dropHead = hasEmbedding && isTied(config);
  const byDtype = new Map<string, number>();
  let params = 0;
  let paramsNonEmbedding = 0;
  let ofExperts = 0;
  for (const { name, shape, dtype } of weights) {
    const count = shape.reduce((product, size) => product * size, 1);
    const isHead = HEAD.test(name);
    if (!(isHead && dropHead && name.endsWith('.weight'))) params += count;
    if (!isHead && !TOKEN_EMBEDDING.test(name) && !POSITION_EMBEDDING.test(name))
      paramsNonEmbedding += count;
    if (EXPERT.test(name)) ofExperts += count;
    byDtype.set(dtype, (byDtype.get(dtype) ?? 0) + count);
  }
  const dtypes = [...byDtype].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  const active = Math.round(paramsNonEmbedding - ofExperts * (1 - shareOfExperts(config)));
  return {
    ...{ params, paramsNonEmbedding },
    ...(active === paramsNonEmbedding ? {} : { activeParamsNonEmbedding: active }),
    dtype: dtypes.map(([dtype]) => dtype).join('+'),
  };
}
