import { expect, test } from 'vitest';
import { ladderOf, syntheticLadder } from '../testing/synthetic-ladder.ts';
import { describeCod } from './index.ts';

test('clusters hold every item once, laws run from the smallest model to the target', () => {
  const ladder = syntheticLadder();
  const target = { flops: 3e21 };
  const found = describeCod(ladder, target);
  const sizes = found?.clusters.map(({ size }) => size) ?? [];
  expect(sizes.reduce((sum, size) => sum + size, found?.outliers ?? 0)).toBe(200);
  for (const { points, law, reason } of found?.clusters ?? []) {
    expect(points.map(({ flops }) => flops)).toEqual(ladder.models.map(({ flops }) => flops));
    expect([law[0]?.flops, law.at(-1)?.flops]).toEqual([1e18, expect.closeTo(3e21, -8)]);
    expect(reason).not.toBe('');
  }
  const last = found?.clusters.map(({ points }) => points.at(-1)?.rate ?? 0) ?? [];
  expect(last).toEqual(last.toSorted((a, b) => b - a));
  expect(found?.map?.points.map(({ label }) => label)).toEqual(
    ladder.models.map(({ checkpoint }) => checkpoint),
  );
  expect(found?.map?.rmse).toBeLessThan(0.1);
  expect(describeCod(ladder, target)).toEqual(found);
});

test('nothing is described without outcomes per item, or on two models', () => {
  expect(describeCod(ladderOf([0.1, 0.2, 0.3]), { flops: 1e20 })).toBeNull();
  expect(describeCod(syntheticLadder({ models: 2 }), { flops: 1e20 })).toBeNull();
});
