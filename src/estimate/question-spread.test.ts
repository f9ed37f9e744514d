import { expect, test } from 'vitest';
import { questionSpread } from './index.ts';

const of = (predicted: readonly number[], k: readonly number[], n: readonly number[]) =>
  questionSpread({
    predicted: Float64Array.from(predicted),
    k: Float64Array.from(k),
    n: Float64Array.from(n),
  });

test('predictions that are right up to their level leave nothing', () => {
  const spread = of([0.3, 0.5, 0.7, 0.9], [2, 4, 6, 0], [10, 10, 10, 0])!;
  expect(spread.rates).toBeCloseTo(0.04, 12);
  expect(spread.residuals).toBeCloseTo(0, 12);
  expect(spread.noise).toBeCloseTo((0.2 * 0.8 + 0.4 * 0.6 + 0.6 * 0.4) / 3 / 9, 12);
});

test('predictions that point the wrong way are not used', () => {
  const spread = of([0.7, 0.5, 0.3], [2, 4, 6], [10, 10, 10])!;
  expect(spread.residuals).toBe(spread.rates);
});

test('one labelled question has no spread', () => {
  expect(of([0.3, 0.5], [2, 0], [10, 0])).toBeNull();
});
