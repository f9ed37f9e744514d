import { describe, expect, test } from 'vitest';
import { ConfigReader } from './config-reader.ts';
import { readRope, ropeTable } from './rope.ts';

/** `ROPE_INIT_FUNCTIONS` of transformers 4.57.1: head_dim 16, max_position_embeddings 256. */
const REFERENCES = [
  {
    config: { rope_theta: 10000.0 },
    inverseFrequencies: [
      1.0, 0.316227764, 0.100000001, 0.0316227786, 0.00999999978, 0.00316227786, 0.00100000005,
      0.000316227786,
    ],
    attentionFactor: 1.0,
  },
  {
    config: {
      rope_theta: 500000.0,
      rope_scaling: {
        rope_type: 'llama3',
        factor: 8.0,
        low_freq_factor: 1.0,
        high_freq_factor: 4.0,
        original_max_position_embeddings: 64,
      },
    },
    inverseFrequencies: [
      1.0, 0.079403013, 0.00470075384, 0.000911583134, 0.000176776681, 3.42810235e-5, 6.64786967e-6,
      1.28917316e-6,
    ],
    attentionFactor: 1.0,
  },
  {
    config: { rope_theta: 10000.0, rope_scaling: { rope_type: 'linear', factor: 4.0 } },
    inverseFrequencies: [
      0.25, 0.079056941, 0.0250000004, 0.00790569466, 0.00249999994, 0.000790569466, 0.000250000012,
      7.90569466e-5,
    ],
    attentionFactor: 1.0,
  },
  {
    config: {
      rope_theta: 10000.0,
      rope_scaling: { rope_type: 'yarn', factor: 4.0, original_max_position_embeddings: 64 },
    },
    inverseFrequencies: [
      1.0, 0.237170815, 0.049999997, 0.00790569466, 0.00249999994, 0.000790569466, 0.000250000012,
      7.90569466e-5,
    ],
    attentionFactor: 1.138629436111989,
  },
  {
    config: {
      rope_theta: 500000.0,
      rope_scaling: {
        rope_type: 'yarn',
        factor: 8.0,
        original_max_position_embeddings: 32,
        beta_fast: 16.0,
        beta_slow: 2.0,
        truncate: false,
      },
    },
    inverseFrequencies: [
      1.0, 0.0242403448, 0.00470075384, 0.000911583134, 0.000176776681, 3.42810235e-5,
      6.64786967e-6, 1.28917316e-6,
    ],
    attentionFactor: 1.2079441541679836,
  },
  {
    config: {
      rope_theta: 10000.0,
      rope_scaling: {
        rope_type: 'yarn',
        factor: 4.0,
        original_max_position_embeddings: 64,
        mscale: 0.7,
        mscale_all_dim: 1.2,
      },
    },
    inverseFrequencies: [
      1.0, 0.237170815, 0.049999997, 0.00790569466, 0.00249999994, 0.000790569466, 0.000250000012,
      7.90569466e-5,
    ],
    attentionFactor: 0.9405715251010841,
  },
];

const read = (config: Record<string, unknown>, options: object = {}) =>
  readRope(new ConfigReader({ max_position_embeddings: 256, ...config }, '/model'), {
    headDim: 16,
    defaultTheta: 10_000,
    ...options,
  });

describe('readRope', () => {
  test.each(REFERENCES)('as transformers: $config', ({ config, ...expected }) => {
    const rope = read(config);
    expect(rope.attentionFactor).toBeCloseTo(expected.attentionFactor, 12);
    for (const [i, inverse] of expected.inverseFrequencies.entries()) {
      expect(Math.abs(rope.inverseFrequencies[i]! / inverse - 1)).toBeLessThan(3e-7);
    }
  });

  test.each(REFERENCES)('v5 layout gives the same: $config', ({ config }) => {
    const { rope_theta, rope_scaling } = { rope_scaling: {}, ...config };
    const flat = { rope_theta, rope_type: 'default', ...rope_scaling };
    expect(read({ rope_parameters: flat })).toEqual(read(config));
    const nested = { rope_parameters: { full_attention: flat, sliding_attention: {} } };
    expect(read(nested, { layerType: 'full_attention' })).toEqual(read(config));
  });

  test('the legacy type key, and a scaling that a layer type does not take', () => {
    const scaling = { rope_scaling: { type: 'linear', factor: 2 } };
    expect(read(scaling)).toEqual(read({ rope_scaling: { rope_type: 'linear', factor: 2 } }));
    expect(read(scaling, { layerType: 'sliding_attention', unscaled: true })).toEqual(read({}));
  });

  test.each([
    [{ rope_type: 'longrope' }, 'of type default, linear, dynamic, llama3 or yarn'],
    [{ rope_type: 'linear' }, 'with a finite number above 0 as `factor`'],
    [{ rope_type: 'yarn', factor: 2, truncate: 1 }, 'with true or false as `truncate`'],
    [{ mrope_section: [1] }, 'without `mrope_section`, which is not understood'],
    [7, 'to be null or an object'],
  ])('refuses %j', (rope_scaling, message) => {
    expect(() => read({ rope_scaling })).toThrow(message);
  });

  test('a dynamic scaling needs the length beyond which it scales', () => {
    const dynamic = { rope_scaling: { type: 'dynamic', factor: 2 } };
    expect(read(dynamic)).toEqual(read({}));
    for (const max_position_embeddings of [null, -1]) {
      expect(() => read({ ...dynamic, max_position_embeddings })).toThrow(
        `expected \`max_position_embeddings\` to be a whole number from 1, as \`rope_scaling\` of type dynamic scales beyond it, got ${max_position_embeddings}`,
      );
    }
  });

  test('refuses a partial rotation', () => {
    expect(() => read({ rope_parameters: { partial_rotary_factor: 0.5 } })).toThrow(
      'without a partial rotation',
    );
  });
});

test('ropeTable rotates position p and pair j by p · inverseFrequencies[j]', () => {
  const rope = { dim: 4, inverseFrequencies: Float32Array.of(1, 0.5), attentionFactor: 2 };
  const { cos, sin } = ropeTable(rope, 3);
  const angles = [0, 0, 1, 0.5, 2, 1];
  for (const [i, angle] of angles.entries()) {
    expect(cos[i]).toBeCloseTo(2 * Math.cos(angle), 6);
    expect(sin[i]).toBeCloseTo(2 * Math.sin(angle), 6);
  }
});
