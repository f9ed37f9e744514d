import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type NameFacts, parseName, type Stage } from './name.ts';

const facts = (
  stage: Stage | null,
  step: number | null,
  tokens: number | null = null,
  tokensExact = false,
): NameFacts => ({ stage, step, tokens, tokensExact });

test.each([
  ['step1000', facts(null, 1000)],
  ['step1000-tokens4B', facts(null, 1000, 4e9)],
  ['stage1-step1000-tokens4B', facts('pretrain', 1000, 4e9)],
  ['stage1-step104-tokens958K', facts('pretrain', 104, 958_000)],
  ['stage1-step896000', facts('pretrain', 896_000)],
  ['stage2-ingredient1-step23852-tokens51B', facts('midtrain', 23_852, 51e9)],
  ['stage2-ingredient1+2-step23842', facts('midtrain', 23_842)],
  ['step11921+11000+10000-soup', facts(null, null)],
  ['checkpoint-1000', facts(null, 1000)],
  ['global_step1000', facts(null, 1000)],
  ['step_1000', facts(null, 1000)],
  ['step-1000', facts(null, 1000)],
  ['step_12000-hf', facts(null, 12_000)],
  ['step1250-unsharded-hf', facts(null, 1250)],
  ['step1250-seed-default', facts(null, 1250)],
  ['iter_0001000', facts(null, 1000)],
  ['sft-step100', facts('sft', 100)],
  ['dpo_step5', facts('dpo', 5)],
  ['grpo-step_5', facts('rl', 5)],
  ['step5-tokens1234567', facts(null, 5, 1_234_567, true)],
  ['step5-tokens4.2B', facts(null, 5, 4_200_000_000)],
  ['Step1000', facts(null, 1000)],
  ['main', facts(null, null)],
  ['SmolLM2-135M-Instruct', facts(null, null)],
  ['footstep1000', facts(null, null)],
  ['step1000-step2000', facts(null, null)],
  ['sft-dpo-step5', facts(null, 5)],
  ['stage3-step5', facts(null, 5)],
  ['step99999999999999999999', facts(null, null)],
  ['', facts(null, null)],
])('%s', (name, expected) => {
  expect(parseName(name)).toEqual(expected);
});

test('any name is answered with whole numbers or nothing', () => {
  const part = fc.constantFrom(
    'step',
    'tokens',
    'stage1',
    '-',
    '_',
    '1',
    '0',
    '4.5',
    'B',
    'sft',
    '+',
  );
  const name = fc.oneof(
    fc.string(),
    fc.array(part, { maxLength: 12 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(name, (text) => {
      const { step, tokens, tokensExact } = parseName(text);
      expect(step === null || Number.isSafeInteger(step)).toBe(true);
      expect(tokens === null ? !tokensExact : Number.isSafeInteger(tokens)).toBe(true);
    }),
  );
});
