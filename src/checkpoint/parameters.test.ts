import { expect, test } from 'vitest';
import { countParameters } from './parameters.ts';

const info = (name: string, shape: number[], dtype: 'BF16' | 'F32' | 'BOOL' = 'BF16') => ({
  name,
  dtype,
  shape,
  file: '/x',
  offset: 0,
  byteLength: 0,
});

const block = [info('model.layers.0.mlp.up_proj.weight', [3, 2]), info('model.norm.weight', [2])];
const embedding = info('model.embed_tokens.weight', [10, 2]);
const head = info('lm_head.weight', [10, 2]);
const rest = 8;

test.each([
  ['untied', [embedding, head], { model_type: 'llama', tie_word_embeddings: false }, 40],
  ['untied by the default of the family', [embedding, head], { model_type: 'llama' }, 40],
  ['tied, head absent', [embedding], { tie_word_embeddings: true }, 20],
  ['tied, head stored too', [embedding, head], { tie_word_embeddings: true }, 20],
  ['tied by the default of the family', [embedding, head], { model_type: 'gemma2' }, 20],
  ['untied, head absent', [embedding], { model_type: 'llama', tie_word_embeddings: false }, 20],
])('%s', (_, embeddings, config, params) => {
  expect(countParameters([...embeddings, ...block], config)).toEqual({
    params: params + rest,
    paramsNonEmbedding: rest,
    dtype: 'BF16',
  });
});

test('GPT-2 and GPT-NeoX: position embeddings are left out, masks and tables are no weights', () => {
  const gpt2 = [
    info('wte.weight', [10, 2]),
    info('transformer.wpe.weight', [5, 2]),
    info('h.0.attn.bias', [1, 1, 5, 5], 'F32'),
    info('h.0.attn.masked_bias', [], 'F32'),
    info('h.0.attn.c_attn.bias', [6]),
  ];
  expect(countParameters(gpt2, { model_type: 'gpt2' })).toEqual({
    params: 36,
    paramsNonEmbedding: 6,
    dtype: 'BF16',
  });
  const neox = [
    info('gpt_neox.embed_in.weight', [10, 2]),
    info('embed_out.weight', [10, 2]),
    info('gpt_neox.layers.0.attention.bias', [1, 1, 5, 5], 'BOOL'),
    info('gpt_neox.layers.0.attention.rotary_emb.inv_freq', [4], 'F32'),
    info('gpt_neox.layers.0.attention.dense.bias', [2]),
    info('gpt_neox.layers.0.input_layernorm.weight', [2], 'F32'),
  ];
  expect(countParameters(neox, { model_type: 'gpt_neox' })).toEqual({
    params: 44,
    paramsNonEmbedding: 4,
    dtype: 'BF16+F32',
  });
});

test.each([
  [{ num_experts: 8, num_experts_per_tok: 2 }, { activeParamsNonEmbedding: 8 + 6 + (8 * 12) / 4 }],
  [{ num_local_experts: 8, num_experts_per_tok: 4 }, { activeParamsNonEmbedding: 8 + 6 + 48 }],
  [{ num_experts: 8, num_experts_per_tok: 8 }, {}],
  [{ num_experts: 8 }, {}],
])('of a mixture, the experts that a token goes through: %j', (config, active) => {
  const experts = Array.from({ length: 8 }, (_, i) =>
    info(`model.layers.0.mlp.experts.${i}.up_proj.weight`, [6, 2]),
  );
  const shared = info('model.layers.0.mlp.shared_expert.up_proj.weight', [3, 2]);
  expect(countParameters([embedding, ...block, shared, ...experts], config)).toEqual({
    ...{ params: 20 + 8 + 6 + 96, paramsNonEmbedding: 8 + 6 + 96, dtype: 'BF16' },
    ...active,
  });
});
