// A checkpoint whose blocks add nothing: the state of a token is its embedding at every layer, so that a server can give the
// right states without computing any. Its weights are zeros, a hole in the file where the file system has them.
import { cpSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { randomStream } from '../dist/stats/index.js';
import { allocateSafetensors, readSafetensorsHeader } from '../dist/safetensors/index.js';

const vocabulary = 512;

/** Writes the checkpoint into `folder`; returns its embedding table, (vocabulary, hidden). */
export async function writeIdleCheckpoint(folder, { blocks, hidden }) {
  const config = {
    ...{ architectures: ['LlamaForCausalLM'], model_type: 'llama' },
    ...{ hidden_size: hidden, num_hidden_layers: blocks, vocab_size: vocabulary },
    ...{ intermediate_size: 16, num_attention_heads: 2, num_key_value_heads: 2, head_dim: 8 },
    ...{ max_position_embeddings: 8192, rms_norm_eps: 1e-5, rope_theta: 10_000 },
    ...{ hidden_act: 'silu', attention_bias: false, tie_word_embeddings: true },
    torch_dtype: 'float32',
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  const series = join(import.meta.dirname, '..', 'examples', 'tiny-olmo3', 'd128L4');
  for (const name of ['tokenizer.json', 'tokenizer_config.json'])
    cpSync(join(series, 'stage1-step26-tokens240K', name), join(folder, name));
  const file = join(folder, 'model.safetensors');
  await allocateSafetensors(
    file,
    [...tensors(config)].map((tensor) => ({ ...tensor, dtype: 'F32' })),
  );
  const random = randomStream('transport', hidden);
  const table = Float32Array.from({ length: vocabulary * hidden }, () => 2 * random.uniform() - 1);
  const { tensors: placed } = await readSafetensorsHeader(file);
  const data = openSync(file, 'r+');
  const write = (name, values) =>
    writeSync(data, new Uint8Array(values.buffer), 0, values.byteLength, placed.get(name).offset);
  write('model.embed_tokens.weight', table);
  write('model.norm.weight', new Float32Array(hidden).fill(1));
  return table;
}

function* tensors({ hidden_size: hidden, num_hidden_layers: blocks, intermediate_size: inner }) {
  yield { name: 'model.embed_tokens.weight', shape: [vocabulary, hidden] };
  for (let block = 0; block < blocks; block += 1) {
    const at = (name, ...shape) => ({ name: `model.layers.${block}.${name}.weight`, shape });
    yield at('input_layernorm', hidden);
    yield at('post_attention_layernorm', hidden);
    for (const part of ['q', 'k', 'v']) yield at(`self_attn.${part}_proj`, 16, hidden);
    yield at('self_attn.o_proj', hidden, 16);
    yield at('mlp.gate_proj', inner, hidden);
    yield at('mlp.up_proj', inner, hidden);
    yield at('mlp.down_proj', hidden, inner);
  }
  yield { name: 'model.norm.weight', shape: [hidden] };
}
