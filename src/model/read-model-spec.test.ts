import { describe, expect, test } from 'vitest';
import { UserError } from '../error/index.ts';
import { checkTensors, forwardFlopsPerToken, readModelSpec, supportOf } from './index.ts';
import { FAMILIES } from './families/registry.ts';
import { requiredTensors } from './weights.ts';

const llama = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 8,
  intermediate_size: 20,
  num_attention_heads: 2,
  num_hidden_layers: 1,
  vocab_size: 32,
};
const qwen3 = { ...llama, architectures: ['Qwen3ForCausalLM'], model_type: 'qwen3' };
const olmo3 = {
  ...llama,
  architectures: ['Olmo3ForCausalLM'],
  model_type: 'olmo3',
  rope_theta: 5e5,
};
const neox = { ...llama, architectures: ['GPTNeoXForCausalLM'], model_type: 'gpt_neox' };

const refusal = (config: Record<string, unknown>): string => {
  try {
    readModelSpec(config, '/model');
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as UserError).message;
  }
  return 'accepted';
};

describe('readModelSpec', () => {
  test('an OLMo-3 without rope_theta is refused: versions of transformers disagree on it', () => {
    expect(refusal({ ...olmo3, rope_theta: null })).toBe(
      '`config.json`: expected `rope_theta` to be a finite number above 0, got null (in /model)',
    );
  });

  test('tensors of a tied and an untied Llama, with and without biases', () => {
    const names = (config: Record<string, unknown>) =>
      requiredTensors(readModelSpec(config, '/model')).map(({ name }) => name);
    const tied = names({ ...llama, tie_word_embeddings: true });
    const layer = 'model.layers.0';
    expect(new Set(tied)).toEqual(
      new Set([
        'model.embed_tokens.weight',
        'model.norm.weight',
        `${layer}.input_layernorm.weight`,
        `${layer}.post_attention_layernorm.weight`,
        ...['q', 'k', 'v', 'o'].map((part) => `${layer}.self_attn.${part}_proj.weight`),
        ...['gate', 'up', 'down'].map((part) => `${layer}.mlp.${part}_proj.weight`),
      ]),
    );
    const biased = names({ ...llama, attention_bias: true, mlp_bias: true });
    expect(biased.filter((name) => name.endsWith('.bias'))).toHaveLength(7);
    expect(biased).toContain('lm_head.weight');
  });

  test('head_dim apart from the quotient, and shapes that follow from it', () => {
    const spec = readModelSpec({ ...qwen3, head_dim: 6, num_key_value_heads: 1 }, '/model');
    const shapes = new Map(requiredTensors(spec).map(({ name, shape }) => [name, shape]));
    expect(shapes.get('model.layers.0.self_attn.q_proj.weight')).toEqual([12, 8]);
    expect(shapes.get('model.layers.0.self_attn.k_proj.weight')).toEqual([6, 8]);
    expect(shapes.get('model.layers.0.self_attn.o_proj.weight')).toEqual([8, 12]);
    expect(shapes.get('model.layers.0.self_attn.q_norm.weight')).toEqual([6]);
  });

  test.each([
    [{ ...llama, head_dim: 2 ** 16 + 2 }, '`head_dim` to be an even number up to 65536, got 65538'],
    [{ ...llama, head_dim: 5 }, '`head_dim` to be an even number up to 65536, got 5'],
    [
      { ...llama, hidden_size: 100, num_attention_heads: 3 },
      '`hidden_size` to be divisible by `num_attention_heads` (3), as no `head_dim` of its own is given, got 100',
    ],
    [
      { ...llama, hidden_size: 2 ** 26 },
      '`hidden_size` to be `num_attention_heads` (2) times an even number up to 65536, got 67108864',
    ],
    [{ ...neox, hidden_size: 9 }, '`hidden_size` to be divisible by `num_attention_heads` (2)'],
    [{ ...neox, head_dim: 6 }, 'expected `head_dim` to be null or 4'],
  ])('refuses the size of a head: %j', (config, message) => {
    expect(refusal(config)).toContain(message);
  });

  test('OLMo-3 scales the rotation of full layers only, whatever the layout', () => {
    const scaling = { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 64 };
    const base = { ...olmo3, num_hidden_layers: 4, max_position_embeddings: 256 };
    const v4 = readModelSpec({ ...base, rope_scaling: scaling, rope_theta: 5e5 }, '/model');
    expect(v4.layers.map(({ attention }) => [attention.rope, attention.window])).toEqual([
      [0, 4096],
      [0, 4096],
      [0, 4096],
      [1, null],
    ]);
    const nested = {
      full_attention: { ...scaling, rope_theta: 5e5 },
      sliding_attention: { rope_type: 'default', rope_theta: 5e5 },
    };
    expect(readModelSpec({ ...base, rope_parameters: nested }, '/model').ropes).toEqual(v4.ropes);
    const flat = { ...scaling, rope_theta: 5e5 };
    expect(readModelSpec({ ...base, rope_parameters: flat }, '/model').ropes).toEqual(v4.ropes);
  });

  test('Qwen3 windows count only where they are switched on', () => {
    const base = { ...qwen3, head_dim: 4, num_key_value_heads: 2, num_hidden_layers: 3 };
    const windows = (config: Record<string, unknown>) =>
      readModelSpec({ ...base, ...config }, '/model').layers.map(
        ({ attention }) => attention.window,
      );
    expect(windows({ sliding_window: 16 })).toEqual([null, null, null]);
    expect(windows({ sliding_window: 16, use_sliding_window: true, max_window_layers: 1 })).toEqual(
      [null, 16, 16],
    );
  });

  test.each([
    [{ ...llama, model_type: 'mamba' }, /expected `model_type` to be one of .*, got "mamba"/],
    [{ ...llama, architectures: ['LlamaForTokenClassification'] }, 'to name LlamaForCausalLM'],
    [{ ...llama, hidden_act: 'quick_gelu' }, 'expected `hidden_act` to be one of silu, swish'],
    [{ ...llama, hidden_size: 'x' }, 'expected `hidden_size` to be a whole number from 1'],
    [{ ...llama, num_hidden_layers: 1e12 }, 'expected `num_hidden_layers` to be a whole number'],
    [{ ...llama, num_key_value_heads: 3 }, 'a divisor of num_attention_heads (2)'],
    [{ ...llama, rms_norm_eps: 0 }, 'expected `rms_norm_eps` to be a finite number above 0'],
    [{ ...llama, rms_norm_eps: 1e300 }, 'expected `rms_norm_eps` to be a finite number above 0'],
    [{ ...llama, mlp_bias: 'no' }, 'expected `mlp_bias` to be true or false'],
    [{ ...llama, clip_qkv: 8 }, 'expected `clip_qkv` to be null'],
    [{ ...llama, quantization_config: { bits: 4 } }, 'expected `quantization_config` to be null'],
    [{ ...llama, sliding_window: 128 }, 'expected `sliding_window` to be null'],
    [{ ...llama, layer_types: ['sliding_attention'] }, 'out of full_attention'],
    [
      { ...llama, residual_gate: 0.5 },
      'field `residual_gate` (0.5) is not understood and may change the result',
    ],
    [{ ...olmo3, layer_types: [] }, 'expected `layer_types` to be a list of 1 entries'],
  ])('refuses %j', (config, message) => {
    expect(refusal(config)).toMatch(message);
    expect(refusal(config)).toContain('(in /model)');
  });

  test.each([
    [(deep: unknown) => ({ strange: deep }), 'field `strange` (a list of 1) is not understood'],
    [(deep: unknown) => ({ hidden_size: deep }), 'to 67108864, got a list of 1 (in /model)'],
    [(deep: unknown) => ({ architectures: deep }), 'to name LlamaForCausalLM, got a list of 1'],
    [(deep: unknown) => ({ model_type: deep }), 'smollm3, got a list of 1'],
    [
      (deep: unknown) => ({ rope_scaling: { type: deep, factor: 2 } }),
      '(field `rope_type`), got {"type":a list of 1,"factor":2} (in /model)',
    ],
    [(deep: unknown) => ({ quantization_config: { deep } }), 'got {"deep":a list of 1} (in'],
  ])('a value nested deeper than calls can be is refused: %s', (make, message) => {
    const deep: unknown = JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`);
    expect(refusal({ ...llama, ...make(deep) })).toContain(message);
  });

  test('long values and names are cut, control characters are written out', () => {
    const long = 'x'.repeat(1e6);
    const fields = Object.fromEntries(Array.from({ length: 1e4 }, (_, i) => [`k${i}`, long]));
    for (const config of [{ strange: long }, { [long]: 1 }, { strange: fields }]) {
      expect(refusal({ ...llama, ...config }).length).toBeLessThan(400);
    }
    expect(refusal({ ...llama, 'a\u009b31m': 1 })).toContain('field `a\\u009b31m` (1) is not');
    expect(refusal({ ...llama, rope_scaling: { 'a\u001b': 1 } })).toContain(
      'without `a\\u001b`, which is not understood',
    );
    expect(refusal({ ...llama, strange: Infinity })).toContain('field `strange` (Infinity) is not');
  });

  test('ignores bookkeeping and fields that are null', () => {
    const config = {
      ...llama,
      _name_or_path: 'x',
      use_cache: false,
      attention_dropout: 0.1,
      strange: null,
    };
    expect(readModelSpec(config, '/model')).toEqual(readModelSpec(llama, '/model'));
  });

  test('a placeholder for the context length is no limit', () => {
    expect(readModelSpec({ ...llama, max_position_embeddings: -1 }, '/model').contextLength).toBe(
      null,
    );
    expect(readModelSpec({ ...llama, max_position_embeddings: 64 }, '/model').contextLength).toBe(
      64,
    );
  });
});

test('supportOf says why', () => {
  expect(supportOf(llama)).toEqual({ supported: true, family: 'llama', reason: null });
  const known = [...FAMILIES.keys()].join(', ');
  expect(supportOf({ model_type: 'mamba' }, '/model')).toEqual({
    supported: false,
    family: 'mamba',
    reason: `\`config.json\`: expected \`model_type\` to be one of ${known}, got "mamba" (in /model)`,
  });
  expect(supportOf({})).toMatchObject({ supported: false, family: null });
});

describe('checkTensors', () => {
  const spec = readModelSpec(llama, '/model');
  const tensors = () =>
    new Map(
      requiredTensors(spec).map(({ name, shape }) => [
        name,
        { name, shape, dtype: 'BF16', file: '/model/w', offset: 0, byteLength: 0 },
      ]),
    );

  test('names a tensor that is missing, of another shape or of another type', () => {
    const check = (change: (all: ReturnType<typeof tensors>) => void) => () => {
      const all = tensors();
      change(all);
      checkTensors(spec, all, 'run/step1');
    };
    expect(check(() => undefined)).not.toThrow();
    expect(check((all) => all.delete('lm_head.weight'))).toThrow(
      '`run/step1`: expected tensor `lm_head.weight` of shape [32, 8], found none',
    );
    const norm = { name: 'model.norm.weight', file: '/model/w', offset: 0, byteLength: 0 };
    expect(check((all) => all.set(norm.name, { ...norm, shape: [9], dtype: 'BF16' }))).toThrow(
      'expected tensor `model.norm.weight` of shape [8], found [9] (in /model/w)',
    );
    expect(check((all) => all.set(norm.name, { ...norm, shape: [8], dtype: 'I8' }))).toThrow(
      'expected tensor `model.norm.weight` to be F32, BF16, F16, F64, found I8 (in /model/w)',
    );
  });
});

test('forwardFlopsPerToken counts two operations a weight, four a key and head value', () => {
  const spec = readModelSpec(llama, '/model');
  const weights = 4 * 8 * 8 + 3 * 8 * 20;
  expect(forwardFlopsPerToken(spec)).toBe(2 * weights);
  expect(forwardFlopsPerToken(spec, { context: 10 })).toBe(2 * weights + 4 * 10 * 8);
  expect(forwardFlopsPerToken(spec, { head: true })).toBe(2 * weights + 2 * 8 * 32);
});
