import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joinNames } from './stage-names.ts';

const named = (...names: readonly (readonly [number, string])[]): Parameters<typeof joinNames>[0] =>
  names.map(([line, text]) => ({ line, text }));

test('names stand right of their lines, and together where there is no room between', () => {
  expect(
    joinNames(named([100, 'midtrain'], [300, 'sft'], [305, 'dpo'], [310, 'rl']), 1000),
  ).toEqual([
    { line: 100, x: 103, text: 'midtrain' },
    { line: 300, x: 303, text: 'sft · dpo · rl' },
  ]);
});

test('names at the right edge end there, with what they would hide', () => {
  expect(joinNames(named([250, 'midtrain'], [297, 'sft'], [299, 'rl']), 300)).toEqual([
    { line: 250, x: 300 - 19 * 5.2, text: 'midtrain · sft · rl' },
  ]);
});

test('no name is lost, none hides another', () => {
  const stage = fc.record({
    line: fc.integer({ min: 0, max: 1000 }),
    text: fc.constantFrom('sft', 'dpo', 'rl', 'midtrain'),
  });
  fc.assert(
    fc.property(fc.array(stage, { maxLength: 8 }), (stages) => {
      const sorted = stages.toSorted((a, b) => a.line - b.line);
      const placed = joinNames(sorted, 1000);
      expect(placed.flatMap(({ text }) => text.split(' · '))).toEqual(
        sorted.map(({ text }) => text),
      );
      for (const [index, { x, text }] of placed.entries()) {
        const next = placed[index + 1]?.x ?? Number.POSITIVE_INFINITY;
        expect(x + text.length * 5.2).toBeLessThan(next);
        expect(x + text.length * 5.2).toBeLessThanOrEqual(1000);
      }
    }),
  );
});
