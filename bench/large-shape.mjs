// Sharded bf16 checkpoints of the shapes of larger models, whose weights are holes in files: the disk holds headers alone, reading
// gives zeros, and neither memory nor speed depends on the values.
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeTemplate } from './smollm2-shape.mjs';

/** 32 layers, hidden 4,096: 7.3e9 weights. */
export const OLMO3_7B = { layers: 32, hidden: 4096, inner: 11_008, heads: 32, vocabulary: 100_278 };

/** Writes the checkpoint into `folder`, some layers a shard, and returns it. */
export function writeLargeOlmo3(folder, shape, layersPerShard = 4) {
  writeTemplate(folder, configOf(shape));
  const shards = [];
  for (let from = 0; from < shape.layers; from += layersPerShard) {
    const layers = Array.from(
      { length: Math.min(layersPerShard, shape.layers - from) },
      (_, i) => from + i,
    );
    shards.push(layers.flatMap((layer) => layerTensors(layer, shape)));
  }
  const { hidden, vocabulary } = shape;
  shards.push([
    ['model.embed_tokens.weight', vocabulary, hidden],
    ['model.norm.weight', hidden],
    ['lm_head.weight', vocabulary, hidden],
  ]);
  writeShards(folder, shards);
  return folder;
}

/** Qwen3-0.6B: 28 layers, hidden 1,024, tied head, vocabulary 151,936. */
export function writeQwen3Small(folder) {
  const [hidden, inner, vocabulary, layers] = [1024, 3072, 151_936, 28];
  const [heads, keyHeads, headDim] = [16, 8, 128];
  writeTemplate(folder, {
    ...{ architectures: ['Qwen3ForCausalLM'], model_type: 'qwen3', hidden_size: hidden },
    ...{ intermediate_size: inner, num_hidden_layers: layers, num_attention_heads: heads },
    ...{ num_key_value_heads: keyHeads, head_dim: headDim, vocab_size: vocabulary },
    ...{ max_position_embeddings: 40_960, rms_norm_eps: 1e-6, rope_theta: 1e6, rope_scaling: null },
    ...{ hidden_act: 'silu', attention_bias: false, tie_word_embeddings: true },
    ...{ use_sliding_window: false, sliding_window: null, torch_dtype: 'bfloat16' },
  });
  const blocks = Array.from({ length: layers }, (_, layer) => {
    const at = (name, ...shape) => [`model.layers.${layer}.${name}.weight`, ...shape];
    return [
      ...[at('input_layernorm', hidden), at('post_attention_layernorm', hidden)],
      at('self_attn.q_proj', heads * headDim, hidden),
      at('self_attn.k_proj', keyHeads * headDim, hidden),
      at('self_attn.v_proj', keyHeads * headDim, hidden),
      at('self_attn.o_proj', hidden, heads * headDim),
      ...[at('self_attn.q_norm', headDim), at('self_attn.k_norm', headDim)],
      ...[at('mlp.gate_proj', inner, hidden), at('mlp.up_proj', inner, hidden)],
      at('mlp.down_proj', hidden, inner),
    ];
  });
  const frame = [
    ['model.embed_tokens.weight', vocabulary, hidden],
    ['model.norm.weight', hidden],
  ];
  writeShards(folder, [blocks.flat(), frame]);
  return folder;
}

function writeShards(folder, shards) {
  const weights = {};
  for (const [i, tensors] of shards.entries()) {
    const number = (n) => `${n}`.padStart(5, '0');
    const name = `model-${number(i + 1)}-of-${number(shards.length)}.safetensors`;
    writeHollow(join(folder, name), tensors);
    for (const [tensor] of tensors) weights[tensor] = name;
  }
  writeFileSync(
    join(folder, 'model.safetensors.index.json'),
    JSON.stringify({ metadata: {}, weight_map: weights }),
  );
}

function layerTensors(layer, { hidden, inner }) {
  const at = (name, ...shape) => [`model.layers.${layer}.${name}.weight`, ...shape];
  return [
    ...['q_proj', 'k_proj', 'v_proj', 'o_proj'].map((name) =>
      at(`self_attn.${name}`, hidden, hidden),
    ),
    at('self_attn.q_norm', hidden),
    at('self_attn.k_norm', hidden),
    at('post_attention_layernorm', hidden),
    at('post_feedforward_layernorm', hidden),
    at('mlp.gate_proj', inner, hidden),
    at('mlp.up_proj', inner, hidden),
    at('mlp.down_proj', hidden, inner),
  ];
}

function writeHollow(file, tensors) {
  let end = 0;
  const header = { __metadata__: { format: 'pt' } };
  for (const [name, ...shape] of tensors) {
    const start = end;
    end += 2 * shape.reduce((product, size) => product * size, 1);
    header[name] = { dtype: 'BF16', shape, data_offsets: [start, end] };
  }
  const unpadded = JSON.stringify(header);
  const text = unpadded.padEnd(Math.ceil(unpadded.length / 8) * 8);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(file, Buffer.concat([length, Buffer.from(text)]));
  truncateSync(file, 8 + text.length + end);
}

function configOf({ layers, hidden, inner, heads, vocabulary }) {
  return {
    architectures: ['Olmo3ForCausalLM'],
    model_type: 'olmo3',
    hidden_size: hidden,
    intermediate_size: inner,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: heads,
    vocab_size: vocabulary,
    max_position_embeddings: 8192,
    sliding_window: 4096,
    layer_types: Array.from({ length: layers }, (_, i) =>
      i % 4 === 3 ? 'full_attention' : 'sliding_attention',
    ),
    rms_norm_eps: 1e-6,
    rope_theta: 500_000,
    rope_scaling: null,
    hidden_act: 'silu',
    attention_bias: false,
    tie_word_embeddings: false,
    torch_dtype: 'bfloat16',
  };
}
