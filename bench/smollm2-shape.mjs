// A checkpoint of random weights with the shape of SmolLM2-135M (Llama family: 30 layers, hidden 576, 9 heads, 3
// key–value heads, intermediate 1,536, vocabulary 49,152, tied head), in bf16: speed does not depend on the values.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeRandomCheckpoint } from '../dist/index.js';

const config = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 576,
  intermediate_size: 1536,
  num_hidden_layers: 30,
  num_attention_heads: 9,
  num_key_value_heads: 3,
  vocab_size: 49_152,
  max_position_embeddings: 8192,
  rms_norm_eps: 1e-5,
  rope_theta: 100_000,
  rope_scaling: null,
  hidden_act: 'silu',
  attention_bias: false,
  mlp_bias: false,
  tie_word_embeddings: true,
  initializer_range: 0.041,
  torch_dtype: 'bfloat16',
};

export const vocabulary = config.vocab_size;

/** Writes the checkpoint into `folder` and returns it. */
export async function writeRandomSmolLm2(folder) {
  const template = writeTemplate(join(folder, '..', 'template'), config);
  await writeRandomCheckpoint(folder, { dir: template, config, tensors: tensors() }, 0);
  return folder;
}

/** Writes what a checkpoint has besides weights, with the tokenizer of the bundled series, and returns the folder. */
export function writeTemplate(template, config) {
  mkdirSync(template, { recursive: true });
  writeFileSync(join(template, 'config.json'), JSON.stringify(config));
  const series = join(
    import.meta.dirname,
    '..',
    'examples',
    'tiny-olmo3',
    'd128L4',
    'stage1-step26-tokens240K',
  );
  for (const name of ['tokenizer.json', 'tokenizer_config.json'])
    cpSync(join(series, name), join(template, name));
  return template;
}

function* tensors() {
  const { hidden_size: hidden, intermediate_size: inner, num_hidden_layers: layers } = config;
  const keys = (hidden / config.num_attention_heads) * config.num_key_value_heads;
  yield { name: 'model.embed_tokens.weight', shape: [vocabulary, hidden] };
  for (let layer = 0; layer < layers; layer += 1) {
    const at = (name, ...shape) => ({ name: `model.layers.${layer}.${name}.weight`, shape });
    yield at('input_layernorm', hidden);
    yield at('post_attention_layernorm', hidden);
    yield at('self_attn.q_proj', hidden, hidden);
    yield at('self_attn.k_proj', keys, hidden);
    yield at('self_attn.v_proj', keys, hidden);
    yield at('self_attn.o_proj', hidden, hidden);
    yield at('mlp.gate_proj', inner, hidden);
    yield at('mlp.up_proj', inner, hidden);
    yield at('mlp.down_proj', hidden, inner);
  }
  yield { name: 'model.norm.weight', shape: [hidden] };
}
