import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type RandomStream, studentQuantile } from '../../stats/index.ts';
import { stream } from '../testing/population.ts';
import { adaptAlpha, adaptiveInterval, type Residual, residualInterval } from './index.ts';

const off = (by: number, horizon = 1, weight = 1): Residual => {
  return { horizon, predicted: 0.5, measured: 0.5 + by, weight };
};
const walk = (draws: RandomStream, count: number, scale: (t: number) => number) =>
  Array.from({ length: count }, (_, t) => off(scale(t) * draws.normal()));

describe('residualInterval', () => {
  test('with equal weights is the ⌈(m + 1) level⌉-th smallest', () => {
    const values = fc.array(fc.double({ min: -0.5, max: 0.5, noNaN: true }), {
      minLength: 9,
      maxLength: 60,
    });
    fc.assert(
      fc.property(values, fc.constantFrom(0.5, 0.8, 0.9), (errors, level) => {
        const found = residualInterval(
          errors.map((by) => off(by)),
          { horizon: 1, level },
        );
        const sorted = errors.map((by) => Math.abs(0.5 + by - 0.5)).sort((a, b) => a - b);
        const rank = Math.ceil((errors.length + 1) * level - 1e-9);
        expect(found.halfWidth).toBe(sorted[rank - 1]);
        expect(found.enough).toBe(true);
      }),
    );
  });

  test('needs 9 residuals for 90 %, and is Student’s t below', () => {
    const of = (count: number, level: number) =>
      residualInterval(
        Array.from({ length: count }, (_, i) => off(i % 2 === 0 ? 0.1 : -0.1)),
        { horizon: 1, level },
      );
    expect(of(9, 0.9)).toMatchObject({ enough: true, missing: 0 });
    expect(of(19, 0.95)).toMatchObject({ enough: true, missing: 0 });
    expect(of(18, 0.95)).toMatchObject({ enough: false, missing: 1 });
    const few = of(4, 0.9);
    expect(few).toEqual({
      halfWidth: expect.closeTo(0.1 * studentQuantile(0.95, 4), 12) as number,
      residuals: 4,
      enough: false,
      missing: 5,
      method:
        'Student’s t from 4 past residuals, grown with the horizon to the power 0.5: 5 more are needed for a conformal interval',
    });
    expect(of(0, 0.9)).toEqual({
      halfWidth: null,
      residuals: 0,
      enough: false,
      missing: 9,
      method: 'no residuals: no interval',
    });
  });

  test('grows with the horizon, and forgets what weighs nothing', () => {
    const residuals = Array.from({ length: 12 }, (_, i) => off(0.02 * Math.sqrt(1 + i), 1 + i));
    const at = (horizon: number, growth = 0.5) =>
      residualInterval(residuals, { horizon, level: 0.9, growth }).halfWidth!;
    expect(at(4)).toBeCloseTo(0.04, 12);
    expect(at(0)).toBeCloseTo(0.02, 12);
    expect(at(100, 0)).toBe(at(1, 0));
    const heavy = [...residuals, off(0.4, 1, 0)];
    expect(residualInterval(heavy, { horizon: 4, level: 0.9 }).halfWidth).toBe(at(4));
    const now = Array.from({ length: 9 }, () => off(0.1, 0));
    expect(residualInterval(now, { horizon: 0, level: 0.9 }).halfWidth).toBeCloseTo(0.1, 12);
  });

  test('weighs recent residuals more', () => {
    const residuals = Array.from({ length: 60 }, (_, age) => {
      return off((age < 20 ? 0.01 : 0.2) + age / 1e5, 1, 0.8 ** age);
    });
    const recent = residualInterval(residuals, { horizon: 1, level: 0.7 });
    expect(recent.halfWidth).toBeLessThan(0.02);
    const alike = residuals.map((one) => ({ ...one, weight: 1 }));
    expect(residualInterval(alike, { horizon: 1, level: 0.7 }).halfWidth).toBeGreaterThan(0.2);
    // Weights of 0.8^age are worth 5 residuals: too few for 90 %.
    expect(residualInterval(residuals, { horizon: 1, level: 0.9 })).toMatchObject({ missing: 5 });
  });

  test.each([5, 9, 30])('covers the next of %d like ones', (count) => {
    const draws = stream(`residuals ${count}`);
    const rounds = 3000;
    let covered = 0;
    for (let round = 0; round < rounds; round += 1) {
      const [next, ...past] = walk(draws, count + 1, () => 0.05);
      const { halfWidth } = residualInterval(past, { horizon: 1, level: 0.9 });
      covered += Math.abs(next!.measured - next!.predicted) <= halfWidth! ? 1 : 0;
    }
    expect(Math.abs(covered / rounds - 0.9)).toBeLessThan(0.025);
  });

  test('refuses what is no residual', () => {
    expect(() => residualInterval([off(0.1, -1)], { horizon: 1, level: 0.9 })).toThrow(
      'residualInterval: expected finite numbers, horizons and weights from 0, got {"horizon":-1,"predicted":0.5,"measured":0.6,"weight":1} at 0',
    );
    expect(() => residualInterval([], { horizon: 1, level: 1 })).toThrow(
      'residualInterval: expected `level` between 0 and 1, `horizon` and `growth` from 0 and `weight` above 0, got 1, 1, 0.5 and 1',
    );
  });
});

describe('adaptiveInterval', () => {
  test('steps as published', () => {
    expect(adaptAlpha(0.1, { wanted: 0.1, gamma: 0.5, missed: true })).toBeCloseTo(-0.35, 12);
    expect(adaptAlpha(0.1, { wanted: 0.1, gamma: 0.5, missed: false })).toBeCloseTo(0.15, 12);
  });

  test('that learns nothing is the plain one', () => {
    const residuals = walk(stream('plain'), 30, () => 0.1);
    const found = adaptiveInterval(residuals, { horizon: 1, level: 0.9, gamma: 0 });
    const plain = residualInterval(residuals, { horizon: 1, level: 0.9 });
    expect(found).toMatchObject({ halfWidth: plain.halfWidth, judged: 29 });
    expect(found.alpha).toBeCloseTo(0.1, 12);
    expect(found.method).toBe(
      `${plain.method}; level 0.900 after ${found.missed} misses in ${found.judged}`,
    );
  });

  test('keeps its share of misses where residuals grow', () => {
    const residuals = walk(stream('drift'), 400, (t) => 0.01 * 1.006 ** t);
    const missed = (gamma: number) => {
      const found = adaptiveInterval(residuals, { horizon: 1, level: 0.9, gamma });
      return found.missed / found.judged;
    };
    expect(missed(0)).toBeGreaterThan(0.17);
    // The published bound: (0.9 + γ)/(γ · 399).
    expect(Math.abs(missed(0.05) - 0.1)).toBeLessThan(0.048);
  });

  test('refuses a speed that is none', () => {
    expect(() => adaptiveInterval([], { horizon: 1, level: 0.9, gamma: 1 })).toThrow(
      'adaptiveInterval: expected `gamma` from 0 and below 1, got 1',
    );
  });
});
