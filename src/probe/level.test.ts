import fc from 'fast-check';
import { expect, test } from 'vitest';
import { agreeLevels, blendLevel } from './level.ts';

const mean = (values: Float64Array) => values.reduce((sum, p) => sum + p, 0) / values.length;
const logit = (p: number) => Math.log(p / (1 - p));

test('a task’s mean goes its share of the way to the trend in log odds, and no order changes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.01, max: 0.99, noNaN: true }), { minLength: 1, maxLength: 30 }),
      fc.double({ min: 0.02, max: 0.98, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, trend, share) => {
        const p = Float64Array.from(values);
        const task = new Int32Array(p.length);
        const blended = blendLevel(
          p,
          p.map(() => trend),
          { task, share },
        );
        const expected = (1 - share) * logit(mean(p)) + share * logit(trend);
        expect(Math.abs(logit(mean(blended)) - expected)).toBeLessThan(1e-6);
        for (let i = 1; i < p.length; i += 1) {
          if (p[i]! < p[i - 1]!) expect(blended[i]).toBeLessThanOrEqual(blended[i - 1]!);
        }
      },
    ),
  );
});

test('tasks without a trend stay as they are', () => {
  const p = Float64Array.of(0.2, 0.4, 0.6);
  const task = Int32Array.of(0, 1, 1);
  const blended = blendLevel(p, Float64Array.of(0.5, NaN, NaN), { task, share: 1 });
  expect(blended[0]).toBeCloseTo(0.5, 9);
  expect([...blended.subarray(1)]).toEqual([0.4, 0.6]);
  expect(blendLevel(p, null, { task, share: 0.5 })).toBe(p);
});

test('questions without a history go half the way to the level of their task’s others, which stay', () => {
  const p = Float64Array.of(0.8, 0.8, 0.2, 0.2, 0.3, NaN);
  const task = Int32Array.of(0, 0, 0, 0, 1, 0);
  const agreed = agreeLevels(p, { task, known: new Set([0, 1]) });
  const half = expect.closeTo(0.5, 6) as number;
  expect([...agreed]).toEqual([0.8, 0.8, half, half, 0.3, NaN]);
  expect(agreeLevels(p, { task, known: new Set() })).toBe(p);
});
