import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planBatches } from './index.ts';

test('every prompt once, longest first, within the budget, the same each time', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 80 });
  const options = fc.record({
    tokenBudget: fc.integer({ min: 1, max: 2000 }),
    rowBudget: fc.integer({ min: 1, max: 20 }),
  });
  fc.assert(
    fc.property(lengths, options, (prompts, limits) => {
      const plan = planBatches(prompts, limits);
      const order = plan.batches.flatMap((batch) => [...batch]);
      expect(order.toSorted((a, b) => a - b)).toEqual([...prompts.keys()]);
      const sorted = order.map((prompt) => prompts[prompt]!);
      expect(sorted).toEqual(sorted.toSorted((a, b) => b - a));
      let padded = 0;
      for (const batch of plan.batches) {
        const size = prompts[batch[0]!]! * batch.length;
        padded += size;
        expect(batch.length === 1 || size <= limits.tokenBudget).toBe(true);
        expect(batch.length).toBeLessThanOrEqual(limits.rowBudget);
      }
      expect(plan).toMatchObject({ padded, tokens: prompts.reduce((sum, each) => sum + each, 0) });
      expect(planBatches(Int32Array.from(prompts), limits)).toEqual(plan);
    }),
  );
});

test('little padding where lengths are spread evenly', () => {
  const lengths = Array.from({ length: 500 }, (_, i) => 32 + ((i * 7919) % 269));
  const { padded, tokens } = planBatches(lengths, { tokenBudget: 1024 });
  expect(padded / tokens).toBeLessThan(1.05);
});

test('no prompts, no batches', () => {
  expect(planBatches([], { tokenBudget: 8 })).toEqual({ batches: [], tokens: 0, padded: 0 });
});
