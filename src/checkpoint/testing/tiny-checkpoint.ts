import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import {
  float32ToBfloat16,
  float32ToFloat16,
  type TensorSource,
  writeSafetensors,
} from '../../safetensors/index.ts';
import { tinyTokenizer } from './tiny-tokenizer.ts';

export type TinyCheckpointOptions = {
  /** @default 'llama' */
  family?: 'llama' | 'qwen3' | 'olmo3';
  /** @default 0 */
  seed?: number;
  /** @default 2 */
  layers?: number;
  /** Four heads, two of them for keys and values (olmo3: four). @default 16 */
  hidden?: number;
  /** @default false */
  tied?: boolean;
  /** @default 'BF16' */
  dtype?: 'F32' | 'BF16' | 'F16';
  /** Above 1: that many files and an index. @default 1 */
  shards?: number;
  /** @default 128 */
  contextLength?: number;
  /** Rows of embedding and head. @default as many as the tokenizer has tokens */
  vocabulary?: number;
  /** A Jinja template for `tokenizer_config.json`. @default none */
  chatTemplate?: string;
  /** Whether the tokenizer puts `<|begin|>` in front. @default false */
  bos?: boolean;
  /** `trainer_state.json` as it is. @default none */
  trainerState?: Readonly<Record<string, unknown>>;
  /** A model of any family in place of `family`: its whole `config.json` and its tensors. */
  model?: { config: Readonly<Record<string, unknown>>; shapes: readonly [string, Shape][] };
  /** Replaces fields of `config.json`. */
  config?: Readonly<Record<string, unknown>>;
};

type Shape = readonly number[];
type Sizes = { hidden: number; heads: number; keyHeads: number; inner: number; vocabulary: number };

/**
 * Writes a small checkpoint with random weights in Hugging Face format: `config.json`, `model.safetensors` (or shards),
 * `tokenizer.json` (byte-level BPE, every text encodes), `tokenizer_config.json`, `generation_config.json`. The
 * directory is made where it does not exist, and returned. The same options give the same bytes.
 */
export async function writeTinyCheckpoint(
  dir: string,
  options: TinyCheckpointOptions = {},
): Promise<string> {
  const { family = 'llama', hidden = 16, tied = false, layers = 2 } = options;
  const { contextLength = 128, dtype = 'BF16', bos = false } = options;
  const tokenizer = tinyTokenizer(bos);
  const sizes: Sizes = {
    hidden,
    heads: 4,
    keyHeads: family === 'olmo3' ? 4 : 2,
    inner: hidden * 3,
    vocabulary: options.vocabulary ?? tokenizer.vocabularySize,
  };
  const config = {
    ...(options.model?.config ?? configOf({ family, sizes, layers, tied, dtype, contextLength })),
    ...options.config,
  };
  await mkdir(dir, { recursive: true });
  await writeJson(join(dir, 'config.json'), config);
  await writeJson(join(dir, 'generation_config.json'), { eos_token_id: 0, pad_token_id: 1 });
  await writeJson(join(dir, 'tokenizer.json'), tokenizer.json);
  await writeJson(join(dir, 'tokenizer_config.json'), {
    ...tokenizer.config,
    ...(options.chatTemplate === undefined ? {} : { chat_template: options.chatTemplate }),
  });
  if (options.trainerState !== undefined) {
    await writeJson(join(dir, 'trainer_state.json'), options.trainerState);
  }
  await writeWeights(
    dir,
    randomTensors(
      options.model?.shapes ?? shapesOf(family, sizes, layers, tied),
      dtype,
      options.seed ?? 0,
    ),
    options,
  );
  return dir;
}

type Settings = Required<
  Pick<TinyCheckpointOptions, 'family' | 'layers' | 'tied' | 'dtype' | 'contextLength'>
>;

function configOf(settings: Settings & { sizes: Sizes }): Record<string, unknown> {
  const { family, sizes, layers, tied, dtype, contextLength } = settings;
  const architectures = {
    llama: 'LlamaForCausalLM',
    qwen3: 'Qwen3ForCausalLM',
    olmo3: 'Olmo3ForCausalLM',
  };
  const types = Array.from({ length: layers }, (_, i) =>
    i % 4 === 3 ? 'full_attention' : 'sliding_attention',
  );
  return {
    architectures: [architectures[family]],
    attention_bias: false,
    bos_token_id: null,
    dtype: { F32: 'float32', BF16: 'bfloat16', F16: 'float16' }[dtype],
    eos_token_id: 0,
    head_dim: sizes.hidden / sizes.heads,
    hidden_act: 'silu',
    hidden_size: sizes.hidden,
    intermediate_size: sizes.inner,
    max_position_embeddings: contextLength,
    model_type: family,
    num_attention_heads: sizes.heads,
    num_hidden_layers: layers,
    num_key_value_heads: sizes.keyHeads,
    pad_token_id: 1,
    rms_norm_eps: 1e-5,
    rope_scaling: null,
    rope_theta: 10_000,
    tie_word_embeddings: tied,
    vocab_size: sizes.vocabulary,
    ...(family === 'olmo3' ? { layer_types: types, sliding_window: 8 } : {}),
  };
}

function shapesOf(
  family: 'llama' | 'qwen3' | 'olmo3',
  sizes: Sizes,
  layers: number,
  tied: boolean,
): [string, Shape][] {
  const { hidden, heads, keyHeads, inner, vocabulary } = sizes;
  const keyWidth = (hidden / heads) * keyHeads;
  const queryNorm = family === 'olmo3' ? hidden : hidden / heads;
  const keyNorm = family === 'olmo3' ? keyWidth : hidden / heads;
  const norms =
    family === 'olmo3'
      ? ['post_attention_layernorm', 'post_feedforward_layernorm']
      : ['input_layernorm', 'post_attention_layernorm'];
  const block: [string, Shape][] = [
    ...norms.map((name): [string, Shape] => [name, [hidden]]),
    ['self_attn.q_proj', [hidden, hidden]],
    ['self_attn.k_proj', [keyWidth, hidden]],
    ['self_attn.v_proj', [keyWidth, hidden]],
    ['self_attn.o_proj', [hidden, hidden]],
    ['mlp.gate_proj', [inner, hidden]],
    ['mlp.up_proj', [inner, hidden]],
    ['mlp.down_proj', [hidden, inner]],
  ];
  if (family !== 'llama')
    block.push(['self_attn.q_norm', [queryNorm]], ['self_attn.k_norm', [keyNorm]]);
  const blocks = Array.from({ length: layers }, (_, i) =>
    block.map(([name, shape]): [string, Shape] => [`model.layers.${i}.${name}.weight`, shape]),
  );
  return [
    ['model.embed_tokens.weight', [vocabulary, hidden]],
    ...blocks.flat(),
    ['model.norm.weight', [hidden]],
    ...(tied ? [] : ([['lm_head.weight', [vocabulary, hidden]]] as [string, Shape][])),
  ];
}

/** Matrices uniform in ±√3 · 0.2, norm weights in 1 ± 0.2. */
function randomTensors(
  shapes: readonly [string, Shape][],
  dtype: 'F32' | 'BF16' | 'F16',
  seed: number,
): TensorSource[] {
  const generator = xoroshiro128plus(seed);
  return shapes.map(([name, shape]) => {
    const count = shape.reduce((product, size) => product * size, 1);
    const center = shape.length === 1 ? 1 : 0;
    const width = shape.length === 1 ? 0.2 : 0.2 * Math.sqrt(3);
    const values = Float32Array.from(
      { length: count },
      () => center + width * (2 * uniformFloat64(generator) - 1),
    );
    const narrow = {
      F32: () => values,
      BF16: () => float32ToBfloat16(values),
      F16: () => float32ToFloat16(values),
    };
    return { name, dtype, shape, data: narrow[dtype]() };
  });
}

async function writeWeights(
  dir: string,
  tensors: readonly TensorSource[],
  { shards = 1 }: TinyCheckpointOptions,
): Promise<void> {
  const metadata = { format: 'pt' };
  if (shards === 1) {
    await writeSafetensors(join(dir, 'model.safetensors'), tensors, metadata);
    return;
  }
  const weightMap: Record<string, string> = {};
  for (let shard = 0; shard < shards; shard++) {
    const file = `model-${pad(shard + 1)}-of-${pad(shards)}.safetensors`;
    const held = tensors.filter((_, i) => Math.floor((i * shards) / tensors.length) === shard);
    for (const { name } of held) weightMap[name] = file;
    await writeSafetensors(join(dir, file), held, metadata);
  }
  await writeJson(join(dir, 'model.safetensors.index.json'), {
    metadata: {},
    weight_map: weightMap,
  });
}

function pad(number: number): string {
  return String(number).padStart(5, '0');
}

function writeJson(path: string, value: unknown): Promise<void> {
  return writeFile(path, JSON.stringify(value));
}
