import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { difficultyOf, poolViolators } from './difficulty.ts';
import { canHalve, halveAnswers, leaveOneModelOutGroups } from './cross-fit.ts';

const items = {
  ids: ['a', 'b'],
  right: Float64Array.from([0, 5, 10, 4, 2, 6]),
  answers: new Float64Array(6).fill(10),
};

describe('difficultyOf', () => {
  it('gives the pass rates over the ladder, or their mean', () => {
    const plain = { smoothing: 0, isotonic: false };
    expect(difficultyOf(items, 3, { ...plain, features: 'vector' })).toEqual({
      values: Float64Array.from([0, 0.5, 1, 0.4, 0.2, 0.6]),
      dimensions: 3,
    });
    expect(difficultyOf(items, 3, { ...plain, features: 'mean' })).toEqual({
      values: Float64Array.from([0.5, (0.4 + 0.2 + 0.6) / 3]),
      dimensions: 1,
    });
  });

  it('repairs falling rates, and mixes in the item’s mean the more the fewer answers', () => {
    const repaired = difficultyOf(items, 3, { features: 'vector', smoothing: 0, isotonic: true });
    expect([...repaired.values.slice(3)]).toEqual([0.3, 0.3, 0.6]);
    const single = {
      ...items,
      right: items.right.map((k) => k / 10),
      answers: items.answers.map(() => 1),
    };
    const distance = (answers: typeof items): number =>
      Math.abs(
        difficultyOf(answers, 3, { features: 'vector', smoothing: 4, isotonic: false }).values[0]! -
          0.5,
      );
    expect(distance(single)).toBeCloseTo(0.1, 12);
    expect(distance(items)).toBeCloseTo(0.5 * (10 / 14), 12);
  });
});

describe('poolViolators', () => {
  it('is non-decreasing, keeps the weighted sum, and leaves what rises alone', () => {
    const cell = fc.tuple(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 9 }),
    );
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 12 }), (cells) => {
        const values = Float64Array.from(cells, ([value]) => value);
        const weights = cells.map(([, weight]) => weight);
        const before = values.reduce((sum, value, i) => sum + value * weights[i]!, 0);
        poolViolators(values, weights);
        const after = values.reduce((sum, value, i) => sum + value * weights[i]!, 0);
        expect(after).toBeCloseTo(before, 9);
        for (let i = 1; i < values.length; i += 1) {
          expect(values[i]!).toBeGreaterThanOrEqual(values[i - 1]!);
        }
        const risen = values.slice();
        poolViolators(values, weights);
        expect(values).toEqual(risen);
      }),
    );
  });
});

describe('cross-fitting', () => {
  it('halves answers without losing or adding any', () => {
    expect(canHalve(items)).toBe(true);
    const [first, second] = halveAnswers(items, 3);
    expect(first.right.map((k, at) => k + second.right[at]!)).toEqual(items.right);
    expect(first.answers.map((n, at) => n + second.answers[at]!)).toEqual(items.answers);
    first.right.forEach((k, at) => expect(k).toBeLessThanOrEqual(first.answers[at]!));
    expect(halveAnswers(items, 3)).toEqual([first, second]);
  });

  it('halves at the true rate', () => {
    const many = {
      ids: Array.from({ length: 4000 }, (_, i) => `${i}`),
      right: new Float64Array(4000).fill(3),
      answers: new Float64Array(4000).fill(10),
    };
    const mean = halveAnswers(many, 0)[0].right.reduce((sum, k) => sum + k, 0) / 4000;
    // Hypergeometric: mean 1.5, variance 5 · 0.3 · 0.7 · 5/9; four standard errors of 4,000 draws.
    expect(Math.abs(mean - 1.5)).toBeLessThan(4 * Math.sqrt(0.583 / 4000));
  });

  it('cannot halve single or fractional answers', () => {
    expect(canHalve({ ...items, answers: items.answers.map(() => 1) })).toBe(false);
    expect(canHalve({ ...items, right: items.right.map((k) => k + 0.5) })).toBe(false);
  });

  it('groups single answers by the other models alone', () => {
    const right = Float64Array.from([0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0]);
    const single = { ids: ['a', 'b', 'c', 'd'], right, answers: new Float64Array(12).fill(1) };
    const labels = leaveOneModelOutGroups(single, 3, { groups: 2, seed: 0 });
    // At the last model, items a and b have one or two right of the other two, c and d none.
    expect([...labels[2]!]).toEqual([1, 1, 0, 0]);
    const flipped = leaveOneModelOutGroups(
      { ...single, right: right.map((k, at) => (at % 3 === 2 ? 1 - k : k)) },
      3,
      { groups: 2, seed: 0 },
    );
    expect(flipped[2]).toEqual(labels[2]);
  });
});
