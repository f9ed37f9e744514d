import { describe, expect, test } from 'vitest';
import {
  checkTensors,
  forwardFlopsPerToken,
  layerLinears,
  offsetNormWeights,
  readModelSpec,
} from './index.ts';
import { TINY_FAMILIES } from './testing/tiny-families.ts';
import { requiredTensors } from './weights.ts';

const configOf = (name: string): Record<string, unknown> => {
  const found = TINY_FAMILIES.find((each) => each.name === name)!;
  return { ...found.model.config };
};
const read = (name: string, changes: Record<string, unknown> = {}) =>
  readModelSpec({ ...configOf(name), ...changes }, '/model');
const without = (name: string, field: string) => {
  const rest = Object.entries(configOf(name)).filter(([each]) => each !== field);
  return readModelSpec(Object.fromEntries(rest), '/model');
};
const windows = ({ layers }: ReturnType<typeof read>) =>
  layers.map(({ attention }) => attention.window);
const ropes = ({ layers }: ReturnType<typeof read>) =>
  layers.map(({ attention }) => attention.rope);

describe('a field that is missing is not always one that is null', () => {
  test('sliding_window of Mistral, and a head size of its own', () => {
    expect(windows(without('mistral', 'sliding_window'))).toEqual([4096, 4096, 4096]);
    expect(windows(read('mistral', { sliding_window: null }))).toEqual([null, null, null]);
    expect(read('mistral', { head_dim: 6 }).layers[0]!.attention.headDim).toBe(6);
  });

  test('soft caps of Gemma-2', () => {
    const caps = ({ layers, logitSoftcap }: ReturnType<typeof read>) => [
      layers[0]!.attention.softcap,
      logitSoftcap,
    ];
    expect(caps(without('gemma2', 'attn_logit_softcapping'))).toEqual([50, 2]);
    expect(caps(without('gemma2', 'final_logit_softcapping'))).toEqual([0.5, 30]);
    const none = { attn_logit_softcapping: null, final_logit_softcapping: null };
    expect(caps(read('gemma2', none))).toEqual([null, null]);
  });

  test('key heads of Qwen2: 32, or as many as heads', () => {
    const heads = { num_attention_heads: 4, num_key_value_heads: null };
    expect(read('qwen2', heads).layers[0]!.attention.keyValueHeads).toBe(4);
    expect(() => without('qwen2', 'num_key_value_heads')).toThrow(
      'expected `num_key_value_heads` to be a divisor of num_attention_heads (4), got nothing',
    );
  });

  test('the head is the embedding in Gemma, GPT-2 and SmolLM3 only', () => {
    const tied = TINY_FAMILIES.map(({ name }) => {
      const spec = without(name, 'tie_word_embeddings');
      return spec.head.weight === spec.embedding.table ? spec.family : null;
    });
    expect(new Set(tied)).toEqual(new Set(['gemma2', 'gemma3_text', 'gpt2', 'smollm3', null]));
  });
});

describe('layers that differ', () => {
  test('Gemma-2 slides on every other layer, Gemma-3 on all but each sixth', () => {
    expect(windows(read('gemma2', { layer_types: null }))).toEqual([5, null, 5]);
    const deep = { layer_types: null, num_hidden_layers: 12 };
    const full = (spec: ReturnType<typeof read>) =>
      windows(spec).flatMap((window, i) => (window === null ? [i] : []));
    expect(full(read('gemma3_text', deep))).toEqual([5, 11]);
    expect(full(read('gemma3_text', { ...deep, sliding_window_pattern: 4 }))).toEqual([3, 7, 11]);
  });

  test('Gemma-3 scales the rotation of full layers, in both layouts', () => {
    const flat = read('gemma3_text', { rope_theta: 5e5, rope_local_base_freq: 2e3 });
    expect(ropes(flat)).toEqual([0, 1, 0]);
    expect(flat.ropes[0]!.inverseFrequencies[1]).toBeCloseTo(2e3 ** -0.5, 6);
    expect(flat.ropes[1]!.inverseFrequencies[1]).toBeCloseTo(5e5 ** -0.5 / 8, 6);
    const nested = {
      full_attention: { rope_type: 'linear', factor: 8, rope_theta: 5e5 },
      sliding_attention: { rope_type: 'default', rope_theta: 2e3 },
    };
    const v5 = read('gemma3_text', { rope_scaling: null, rope_parameters: nested });
    expect(v5.ropes).toEqual(flat.ropes);
  });

  test('SmolLM3 leaves each fourth layer without a rotation, and slides there where switched on', () => {
    const spec = read('smollm3', { no_rope_layers: null, num_hidden_layers: 5 });
    expect(ropes(spec)).toEqual([0, 0, 0, null, 0]);
    expect(windows(spec)).toEqual([null, null, null, 5, null]);
    expect(windows(read('smollm3', { use_sliding_window: false }))).toEqual([null, null, null]);
  });

  test('SmolLM3 has no window where none is given, Qwen one of 4096', () => {
    expect(windows(without('smollm3', 'sliding_window'))).toEqual([null, null, null]);
    const switched = (name: string) => {
      const config = configOf(name);
      delete config['sliding_window'];
      const changes = { use_sliding_window: true, max_window_layers: 0, layer_types: null };
      return windows(readModelSpec({ ...config, ...changes }, '/model'));
    };
    for (const name of ['qwen2', 'qwen3', 'qwen3_moe']) {
      expect(switched(name)).toEqual([4096, 4096, 4096]);
    }
  });

  test.each(['olmo3', 'gemma3_text'])('%s reads a rotation once a layer type', (name) => {
    const config = { ...configOf(name), layer_types: null, num_hidden_layers: 2 ** 12 };
    const spec = readModelSpec({ ...config, head_dim: 2 ** 16 }, '/model');
    expect(spec.ropes).toHaveLength(2);
    expect(new Set(ropes(spec))).toEqual(new Set([0, 1]));
  });

  test('GPT-2 divides scores by the layer where told to', () => {
    const scales = read('gpt2').layers.map(({ attention }) => attention.scale);
    expect(scales).toEqual([0.5, 0.25, 0.5 / 3]);
    expect(read('gpt2', { scale_attn_weights: false }).layers[1]!.attention.scale).toBe(0.5);
  });
});

test('Qwen3-MoE mixes on the layers that its fields leave', () => {
  const kinds = (changes: Record<string, unknown>) =>
    read('qwen3_moe', { num_hidden_layers: 4, ...changes }).layers.map(({ mlp }) => mlp.kind);
  expect(kinds({})).toEqual(['experts', 'dense', 'experts', 'experts']);
  expect(kinds({ decoder_sparse_step: 2, mlp_only_layers: [3] })).toEqual([
    'dense',
    'experts',
    'dense',
    'dense',
  ]);
  expect(windows(read('qwen3_moe', { use_sliding_window: true, sliding_window: 4 }))).toEqual([
    4, 4, 4,
  ]);
  expect(windows(read('qwen3_moe', { sliding_window: 4 }))).toEqual([null, null, null]);
});

test('operations count the chosen experts, memory all of them', () => {
  const of = (count: number) => read('olmoe', { num_hidden_layers: 1, num_experts: count });
  const [attention, expert] = [3 * 32 * 32, 3 * 32 * 40];
  for (const count of [2, 6, 60]) {
    expect(forwardFlopsPerToken(of(count))).toBeCloseTo(
      2 * (attention + 32 * count + 2 * expert),
      6,
    );
    const products = of(count).layers.flatMap(layerLinears);
    expect(products.reduce((sum, { inputs, outputs }) => sum + inputs * outputs, 0)).toBe(
      attention + 32 * count + count * expert,
    );
  }
});

test('a part of each head is rotated, whichever field says so', () => {
  const dims = (changes: Record<string, unknown>) => read('gpt_neox', changes).ropes[0]!.dim;
  expect(dims({ rotary_pct: null })).toBe(2);
  expect(dims({ rotary_pct: 0.5 })).toBe(4);
  expect(dims({ rotary_pct: null, partial_rotary_factor: 0.5 })).toBe(4);
  const parameters = { rope_type: 'default', rope_theta: 1e4, partial_rotary_factor: 0.5 };
  expect(dims({ rotary_pct: null, rope_parameters: parameters })).toBe(4);
});

test.each<[string, Record<string, unknown>, string]>([
  ['mistral', { sliding_window: 0 }, 'expected `sliding_window` to be a whole number from 1'],
  ['mistral', { attention_bias: true }, 'field `attention_bias` (true) is not understood'],
  ['qwen2', { use_mrope: true }, 'expected `use_mrope` to be null or false'],
  ['qwen2', { layer_types: ['x', 'x', 'x'] }, 'out of full_attention, sliding_attention'],
  [
    'qwen2',
    {
      sliding_window: null,
      layer_types: ['sliding_attention', 'full_attention', 'full_attention'],
    },
    'expected `sliding_window` to be a number, as layer_types names sliding layers',
  ],
  ['olmo', { clip_qkv: 0 }, 'expected `clip_qkv` to be a finite number above 0'],
  ['olmo', { rms_norm_eps: 1e-6 }, 'field `rms_norm_eps` (0.000001) is not understood'],
  ['olmo2', { clip_qkv: 8 }, 'expected `clip_qkv` to be null'],
  ['olmo2', { sliding_window: 8 }, 'expected `sliding_window` to be null'],
  [
    'smollm3',
    { no_rope_layers: [1, 2, 0] },
    'expected `no_rope_layers` to be a list of 3 entries out of 0 and 1',
  ],
  [
    'phi3',
    { rope_scaling: { type: 'longrope' } },
    'expected `rope_scaling` to be of type default (field `rope_type`)',
  ],
  [
    'phi3',
    { partial_rotary_factor: 0.4 },
    'expected `partial_rotary_factor` to be a share of the 8 values of a head that makes an even number',
  ],
  [
    'gemma2',
    { hidden_act: 'silu' },
    'expected `hidden_act` to be null or "gelu_pytorch_tanh" or "gelu"',
  ],
  ['gemma2', { hidden_activation: 'mish' }, 'expected `hidden_activation` to be one of silu'],
  [
    'gemma2',
    { query_pre_attn_scalar: -1 },
    'expected `query_pre_attn_scalar` to be a finite number above 0',
  ],
  ['gemma3_text', { attn_logit_softcapping: 50 }, 'expected `attn_logit_softcapping` to be null'],
  [
    'gemma3_text',
    { use_bidirectional_attention: true },
    'expected `use_bidirectional_attention` to be null or false',
  ],
  ['gpt_neox', { head_dim: 16 }, 'expected `head_dim` to be null or 8'],
  ['gpt_neox', { num_key_value_heads: 2 }, 'expected `num_key_value_heads` to be null or 4'],
  ['gpt_neox', { rope_theta: 5e5 }, 'expected `rope_theta` to be null or 10000'],
  [
    'gpt_neox',
    { partial_rotary_factor: 0.5 },
    'expected `partial_rotary_factor` to be 0.25, as another field says',
  ],
  [
    'olmoe',
    { num_experts_per_tok: 7 },
    'expected `num_experts_per_tok` to be at most num_experts (6)',
  ],
  ['olmoe', { num_experts: 1e6 }, 'expected `num_experts` to be a whole number from 1 to 21845'],
  ['olmoe', { n_shared_experts: 1 }, 'field `n_shared_experts` (1) is not understood'],
  ['olmoe', { head_dim: 4 }, 'expected `head_dim` to be null or 8'],
  [
    'qwen3_moe',
    { mlp_only_layers: [3] },
    'expected `mlp_only_layers` to be a list of whole numbers from 0 to 2',
  ],
  [
    'qwen3_moe',
    { decoder_sparse_step: 0 },
    'expected `decoder_sparse_step` to be a whole number from 1',
  ],
  [
    'qwen3_moe',
    { use_sliding_window: true, max_window_layers: 2 },
    'expected `max_window_layers` to be null or 0',
  ],
  ['llama', { num_experts: 4 }, 'expected `num_experts` to be null or 0'],
  [
    'llama',
    { num_hidden_layers: 1e6 },
    'expected `num_hidden_layers` to be a whole number from 1 to 65536',
  ],
  ['gpt2', { n_ctx: 512 }, 'expected `n_ctx` to be null or 256'],
  ['gpt2', { n_head: 3 }, 'expected `n_head` to be a divisor of n_embd (16)'],
  ['gpt2', { add_cross_attention: true }, 'expected `add_cross_attention` to be null or false'],
  [
    'gpt2',
    { max_position_embeddings: 512 },
    'field `max_position_embeddings` (512) is not understood',
  ],
])('%s refuses %j', (name, changes, message) => {
  expect(() => read(name, changes)).toThrow(message);
  expect(() => read(name, changes)).toThrow('(in /model)');
});

describe('prefixes of tensor names', () => {
  test.each([
    ['llama', 'model.', ''],
    ['llama', 'model.', 'transformer.'],
    ['gpt_neox', 'gpt_neox.', ''],
    ['gpt2', 'transformer.', ''],
    ['gpt2', 'transformer.', 'model.'],
  ])('%s: %j may be %j', (name, from, to) => {
    const spec = read(name);
    const tensors = new Map(
      requiredTensors(spec).map(({ name: own, shape }) => {
        const stored = own.startsWith(from) ? to + own.slice(from.length) : own;
        return [
          stored,
          { name: stored, shape, dtype: 'F32', file: '/model/w', offset: 0, byteLength: 0 },
        ];
      }),
    );
    const named = checkTensors(spec, tensors, 'run/step1');
    expect(named.get(spec.embedding.table)?.name).toBe(
      to + spec.embedding.table.slice(from.length),
    );
    for (const { name: own } of requiredTensors(spec)) expect(named.has(own)).toBe(true);
  });
});

test('norm weights that are stored around 0, under any prefix', () => {
  expect(offsetNormWeights(read('llama'))).toEqual(new Set());
  const gemma = offsetNormWeights(read('gemma3_text'));
  expect(gemma.size).toBe(3 * (3 * 6 + 1));
  expect(gemma).toContain('layers.0.self_attn.q_norm.weight');
  expect(gemma).toContain('model.norm.weight');
});
