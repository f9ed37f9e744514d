import { expect, test } from 'vitest';
import { gatherFacts, type GivenFacts } from './facts.ts';

const factsOf = (given: GivenFacts, active: { activeParamsNonEmbedding?: number }) =>
  gatherFacts({
    identity: {
      ...{ id: 'run/step1-tokens4K', dir: '/run/step1-tokens4K' },
      run: 'run',
      name: 'step1-tokens4K',
      nameSource: 'directory name',
    },
    given,
    trainer: null,
    counts: { params: 1000, paramsNonEmbedding: 800, dtype: 'BF16', ...active },
  });

test('training FLOPs of a mixture count the experts that a token goes through', () => {
  const { flops, activeParamsNonEmbedding, paramsNonEmbedding, source } = factsOf(
    {},
    { activeParamsNonEmbedding: 300 },
  );
  expect({ flops, activeParamsNonEmbedding, paramsNonEmbedding }).toEqual({
    flops: 6 * 300 * 4000,
    activeParamsNonEmbedding: 300,
    paramsNonEmbedding: 800,
  });
  expect(source['flops']).toBe('6 · params_non_embedding (of a token’s experts) · tokens');
});

test('a number of parameters that a person states is the one that counts', () => {
  const stated = factsOf({ paramsNonEmbedding: 500 }, { activeParamsNonEmbedding: 300 });
  expect(stated.flops).toBe(6 * 500 * 4000);
  expect('activeParamsNonEmbedding' in stated).toBe(false);
  expect(factsOf({}, {}).flops).toBe(6 * 800 * 4000);
});
