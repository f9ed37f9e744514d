// What unchosen experts cost: a pass over the same prompts through mixtures that differ in the number of experts alone,
// two chosen of each, in turns.
//
//   node bench/experts.mjs
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCheckpoint, openLocalEngine, writeRandomCheckpoint } from '../dist/index.js';
import { median } from './measure.mjs';
import { writeTemplate } from './smollm2-shape.mjs';

const base = {
  architectures: ['OlmoeForCausalLM'],
  model_type: 'olmoe',
  hidden_size: 512,
  intermediate_size: 512,
  num_hidden_layers: 4,
  num_attention_heads: 8,
  num_experts_per_tok: 2,
  vocab_size: 4096,
  max_position_embeddings: 4096,
};
const counts = [2, 8, 32, 64];
const rounds = 5;
const prompts = Array.from({ length: 24 }, (_, i) => ({
  id: String(i),
  ids: Int32Array.from({ length: 40 + 11 * i }, (_each, j) => (j * 37 + i * 101) % 4000),
}));
const folder = mkdtempSync(join(tmpdir(), 'sonde-experts-'));
try {
  const engines = [];
  for (const count of counts) engines.push(await open(count));
  const times = counts.map(() => ({ pass: [], decode: [] }));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [i, engine] of engines.entries()) {
      const pass = await timed(engine.extract(prompts, { pool: ['last', 'mean'] }));
      const asked = prompts.slice(0, 4).map((each) => ({ ...each, maxTokens: 32, stop: [] }));
      const options = { samples: 1, temperature: 0, topP: 1, seed: 0 };
      const decode = await timed(engine.sample(asked, options));
      if (round === 0) continue;
      times[i].pass.push(pass);
      times[i].decode.push(decode);
    }
  }
  for (const [i, { pass, decode }] of times.entries()) {
    const ratio = (each, kind) => (median(each) / median(times[0][kind])).toFixed(2);
    console.log(
      `${counts[i]} experts: pass ${median(pass).toFixed(0)} ms (${ratio(pass, 'pass')} x), ` +
        `4 x 32 tokens ${median(decode).toFixed(0)} ms (${ratio(decode, 'decode')} x)`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}

async function open(count) {
  const target = join(folder, 'run', `e${count}`);
  const config = { ...base, num_experts: count };
  const template = writeTemplate(join(folder, `t${count}`), config);
  await writeRandomCheckpoint(target, { dir: template, config, tensors: tensors(count) }, 0);
  const tokenizer = { decode: (ids) => ids.join(' '), vocabularySize: 4096, eosTokenIds: [] };
  return openLocalEngine(await openCheckpoint(target), { threads: 2, tokenizer });
}

async function timed(batches) {
  const start = performance.now();
  for await (const _ of batches);
  return performance.now() - start;
}

function* tensors(count) {
  const { hidden_size: hidden, intermediate_size: inner, vocab_size: vocabulary } = base;
  yield { name: 'model.embed_tokens.weight', shape: [vocabulary, hidden] };
  yield { name: 'lm_head.weight', shape: [vocabulary, hidden] };
  for (let layer = 0; layer < base.num_hidden_layers; layer += 1) {
    const at = (name, ...shape) => ({ name: `model.layers.${layer}.${name}.weight`, shape });
    for (const name of ['input_layernorm', 'post_attention_layernorm']) yield at(name, hidden);
    for (const name of ['q', 'k', 'v', 'o']) yield at(`self_attn.${name}_proj`, hidden, hidden);
    for (const name of ['q', 'k']) yield at(`self_attn.${name}_norm`, hidden);
    yield at('mlp.gate', count, hidden);
    for (let expert = 0; expert < count; expert += 1) {
      yield at(`mlp.experts.${expert}.gate_proj`, inner, hidden);
      yield at(`mlp.experts.${expert}.up_proj`, inner, hidden);
      yield at(`mlp.experts.${expert}.down_proj`, hidden, inner);
    }
  }
  yield { name: 'model.norm.weight', shape: [hidden] };
}
