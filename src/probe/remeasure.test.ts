import { expect, test } from 'vitest';
import { labellingSpreads, remeasureAdvice } from './remeasure.ts';
import type { ReplayedResidual } from './residuals.ts';

const seen = (task: string, left: number, rest: Partial<ReplayedResidual> = {}) => ({
  task,
  horizon: 1,
  age: 0.5,
  predicted: 0.5,
  measured: 0.5,
  labelling: { left, noise: 0.01 },
  ...rest,
});

test('what is left to label is a task’s own mean, the latest replays weighing most', () => {
  const residuals = [
    seen('a', 0.8, { age: 0 }),
    seen('a', 0.2),
    seen('a', 0.9, { horizon: 0 }),
    seen('b', 0.4, { labelling: null }),
  ];
  const spreads = labellingSpreads(residuals, ['a', 'b']);
  expect(spreads['a']!.left).toBeCloseTo((0.8 + 0.5 * 0.2) / 1.5, 12);
  // Nothing is known of b: the mean of all.
  expect(spreads['b']).toEqual(spreads['a']);
  expect(labellingSpreads([seen('a', 0.9, { horizon: 0 })], ['a'])['a']!.left).toBeCloseTo(0.9, 12);
  expect(labellingSpreads([], ['a'])).toEqual({ a: { left: 1, noise: 0 } });
});

test('labels for ten points: those of a coin, fewer with good predictions, far from one half, or few questions', () => {
  const task = { items: 10_000, interval: { low: 0.2, high: 0.8 }, level: 0.9, isOk: true };
  const coin = { left: 1, noise: 0 };
  // 1.645² · 0.25 / 0.05² = 271, and a little for Student's t and the finite set.
  expect(remeasureAdvice(coin, task)).toEqual({
    width: 0.1,
    labels: 266,
    advised: true,
    widest: 0.3,
  });
  const labels = (change: object, spread = coin) =>
    remeasureAdvice(spread, { ...task, ...change }).labels!;
  expect(labels({}, { left: 0.25, noise: 0 })).toBeLessThan(75);
  expect(labels({ interval: { low: 0.9, high: 0.95 } })).toBeLessThan(105);
  expect(labels({ items: 140 })).toBeLessThan(100);
  expect(labels({ items: 140 })).toBeGreaterThan(85);
});

test('it is advised where the status is not ok or the interval is wide', () => {
  const advised = (low: number, high: number, isOk: boolean) =>
    remeasureAdvice(
      { left: 1, noise: 0 },
      { items: 140, interval: { low, high }, level: 0.9, isOk },
    ).advised;
  expect([advised(0.5, 0.79, true), advised(0.5, 0.81, true), advised(0.5, 0.6, false)]).toEqual([
    false,
    true,
    true,
  ]);
});

test('no labels are enough where the answers are too few', () => {
  const task = { items: 20, interval: { low: 0.2, high: 0.8 }, level: 0.9, isOk: true };
  expect(remeasureAdvice({ left: 1, noise: 1 }, task).labels).toBeNull();
});
