import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseRender, compareOrder, type OrderedFacts, type Stage } from './index.ts';

const facts = (stage: Stage | null, tokens: number | null, step: number | null): OrderedFacts => ({
  stage,
  tokens,
  step,
});

test('stage, then tokens, then step; unknown first', () => {
  const ordered = [
    facts(null, null, null),
    facts('pretrain', null, 5),
    facts('pretrain', 10, 1),
    facts('pretrain', 20, 2),
    facts('pretrain', 20, 3),
    facts('midtrain', 5, 1),
    facts('sft', 5, 1),
    facts('dpo', 5, 1),
    facts('rl', 5, 1),
  ];
  expect([...ordered].reverse().sort(compareOrder)).toEqual(ordered);
});

test('it is an order', () => {
  const number = fc.option(fc.nat(3));
  const any = fc.record({
    stage: fc.constantFrom<Stage | null>(null, 'pretrain', 'midtrain', 'sft', 'dpo', 'rl'),
    tokens: number,
    step: number,
  });
  fc.assert(
    fc.property(any, any, any, (a, b, c) => {
      expect(compareOrder(a, b)).toBe(0 - compareOrder(b, a));
      if (compareOrder(a, b) <= 0 && compareOrder(b, c) <= 0) {
        expect(compareOrder(a, c)).toBeLessThanOrEqual(0);
      }
    }),
  );
});

test('messages only after fine-tuning, with a template, where the item has them', () => {
  expect(chooseRender('auto', 'sft', true, true)).toBe('messages');
  expect(chooseRender('auto', 'pretrain', true, true)).toBe('prompt');
  expect(chooseRender('auto', null, true, true)).toBe('prompt');
  expect(chooseRender('auto', 'rl', false, true)).toBe('prompt');
  expect(chooseRender('auto', 'dpo', true, false)).toBe('prompt');
  expect(chooseRender('messages', 'pretrain', false, false)).toBe('messages');
  expect(chooseRender('prompt', 'sft', true, true)).toBe('prompt');
});
