import { expect, test } from 'vitest';
import { createFactsCheck } from './facts.ts';
import { record } from './testing/record.ts';

test('null agrees with anything, other sources and other checkpoints may differ', () => {
  const check = createFactsCheck();
  const changes = [
    {},
    { tokens: 5 },
    { tokens: null },
    { tokens: 5, stage: 'sft' },
    { source: 'b', tokens: 6 },
  ];
  changes.forEach((change, index) => {
    check(record(change), index + 1);
  });
  check(record({ checkpoint: 'other', step: 9 }), 9);
});

test('two values for a fact are refused, both named', () => {
  const check = createFactsCheck();
  check(record({ paramsNonEmbedding: 5 }), 2);
  expect(() => {
    check(record({ paramsNonEmbedding: 6 }), 7);
  }).toThrow(
    '`outcomes`: checkpoint `run/step1` has `params_non_embedding` 5 in row 2 and 6 in row 7: the facts of a checkpoint agree over the rows of one source, correct one of the two',
  );
});
