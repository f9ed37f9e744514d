import { expect, it } from 'vitest';
import { applyNorm } from './pool-tokens.ts';

const rounded = (values: Float32Array): number[] =>
  [...values].map((value) => Number(value.toFixed(5)));

it('puts on the final norm of a model, with what its kind takes', () => {
  const state = Float32Array.of(1, 2, 3, 4);
  const weights = Float32Array.of(1, 1, 2, 1);
  // RMS² = 7.5; variance = 1.25.
  expect(rounded(applyNorm(state, { kind: 'rms', weights, bias: null, epsilon: 0 }))).toEqual([
    0.36515, 0.7303, 2.19089, 1.46059,
  ]);
  const bias = Float32Array.of(0, 0, 0, 10);
  expect(rounded(applyNorm(state, { kind: 'layer', weights, bias, epsilon: 0 }))).toEqual([
    -1.34164, -0.44721, 0.89443, 11.34164,
  ]);
  const plain = { kind: 'layer', weights: null, bias: null, epsilon: 1 } as const;
  expect(rounded(applyNorm(state, plain))).toEqual([-1, -0.33333, 0.33333, 1]);
});
