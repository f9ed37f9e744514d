import { expect, test } from 'vitest';
import { computeOf } from './ladder-models.ts';

test.each([
  [{ flops: 7, paramsNonEmbedding: 10, tokens: 100 }, 7],
  [{ flops: null, paramsNonEmbedding: 10, tokens: 100 }, 6000],
  [{ flops: null, paramsNonEmbedding: 10, activeParamsNonEmbedding: 4, tokens: 100 }, 2400],
  [{ flops: null, paramsNonEmbedding: 10, tokens: null }, null],
])('training FLOPs of %j', (facts, flops) => {
  expect(computeOf(facts)).toBe(flops);
});
