import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalCdf, normalQuantile, randomStream } from '../stats/index.ts';
import { holm, type PairedInput, pairedComparison, predictedComparison } from './index.ts';
import { signFlipP } from './sign-flip.ts';
import { golden } from './testing/golden.ts';

const floats = (values: readonly number[]) => Float64Array.from(values);
const counts = ({ k, n }: { k: number[]; n: number[] }) => ({ k: floats(k), n: floats(n) });
const ones = (k: number[]) => ({ k: floats(k), n: new Float64Array(k.length).fill(1) });

describe('pairedComparison', () => {
  test.each(golden.paired)('is scipy’s paired t test, with the exact p below 12', (wanted) => {
    const { a, b, level, expected } = wanted;
    const found = pairedComparison({ a: counts(a), b: counts(b), group: null, level });
    for (const key of Object.keys(expected) as (keyof typeof expected)[]) {
      expect(found[key], key).toBeCloseTo(expected[key], 10);
    }
    const few = a.n.every((count) => count === 1) ? 'mcnemar' : 'sign-flip';
    expect(found.test).toBe(a.k.length < 12 ? few : 't');
  });

  test.each(golden.paired)('with groups is the cluster-robust one', (wanted) => {
    const { a, b, level, clustered } = wanted;
    const group = Int32Array.from(wanted.group);
    const found = pairedComparison({ a: counts(a), b: counts(b), group, level });
    expect(found.units).toBe(new Set(wanted.group).size);
    expect(found.standardError).toBeCloseTo(clustered.standardError, 10);
    expect(found.low).toBeCloseTo(clustered.low, 10);
    expect(found.high).toBeCloseTo(clustered.high, 10);
    if (found.test === 't') expect(found.p).toBeCloseTo(clustered.p, 10);
  });

  test('turns its sign, and nothing else, with the order of the two', () => {
    const side = fc.record({
      k: fc.integer({ min: 0, max: 4 }),
      n: fc.integer({ min: 4, max: 9 }),
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(side, side), { minLength: 1, maxLength: 30 }),
        fc.boolean(),
        (pairs, grouped) => {
          const of = (at: 0 | 1) =>
            counts({ k: pairs.map((pair) => pair[at].k), n: pairs.map((pair) => pair[at].n) });
          const group = grouped ? Int32Array.from(pairs, (_, i) => (i % 5) - 1) : null;
          const one = pairedComparison({ a: of(0), b: of(1), group, level: 0.9 });
          const other = pairedComparison({ a: of(1), b: of(0), group, level: 0.9 });
          expect(other.difference).toBeCloseTo(-one.difference, 12);
          expect(other.p).toBeCloseTo(one.p, 12);
          if (one.low !== null) expect(other.high).toBeCloseTo(-one.low, 12);
          expect(one.p).toBeGreaterThan(0);
          expect(one.p).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  test('has no interval from one unit, be it one question or one group', () => {
    const unknown = { standardError: null, low: null, high: null, minimalDetectableEffect: null };
    const one = { a: ones([0]), b: ones([1]), group: null, level: 0.95 };
    const expected = { units: 1, a: 0, b: 1, difference: 1, p: 1, ...unknown };
    expect(pairedComparison(one)).toEqual({ items: 1, ...expected, test: 'mcnemar' });
    const group = new Int32Array(3);
    const many = { a: ones([0, 0, 0]), b: ones([1, 1, 1]), group, level: 0.95 };
    expect(pairedComparison(many)).toEqual({ items: 3, ...expected, test: 'sign-flip' });
  });

  test('does not take equal answers for certainty', () => {
    const same = ones(Array.from({ length: 50 }, (_, i) => i % 2));
    const found = pairedComparison({ a: same, b: same, group: null, level: 0.95 });
    expect(found).toMatchObject({ difference: 0, p: 1 });
    expect(found.high).toBeCloseTo(0.0406, 3);
    expect(found.low).toBeCloseTo(-0.0406, 3);
  });

  test('its test errs at its level, its interval covers, its power is as promised', () => {
    const stream = randomStream('paired');
    const draw = (shift: number): PairedInput => {
      const sides = [0, shift].map(() => new Float64Array(40));
      for (let i = 0; i < 40; i += 1) {
        const p = 0.1 + 0.7 * stream.uniform();
        for (const [s, side] of sides.entries()) {
          for (let answer = 0; answer < 5; answer += 1) {
            side[i]! += stream.uniform() < p + s * shift ? 1 : 0;
          }
        }
      }
      const [a, b] = sides.map((k) => ({ k, n: new Float64Array(40).fill(5) }));
      return { a: a!, b: b!, group: null, level: 0.9 };
    };
    const rounds = 1500;
    let [covered, rejected, effect] = [0, 0, 0];
    for (let round = 0; round < rounds; round += 1) {
      const found = pairedComparison(draw(0.1));
      if (found.low! <= 0.1 && 0.1 <= found.high!) covered += 1;
      effect += found.minimalDetectableEffect! / rounds;
      if (pairedComparison(draw(0)).p < 0.05) rejected += 1;
    }
    let detected = 0;
    for (let round = 0; round < rounds; round += 1) {
      if (pairedComparison(draw(effect)).p < 0.05) detected += 1;
    }
    expect(Math.abs(covered / rounds - 0.9)).toBeLessThan(0.025);
    expect(Math.abs(rejected / rounds - 0.05)).toBeLessThan(0.02);
    expect(Math.abs(detected / rounds - 0.8)).toBeLessThan(0.04);
  });

  test('refuses what is not a comparison', () => {
    const input = (a: PairedInput['a'], b: PairedInput['a'], level = 0.9) => {
      return () => pairedComparison({ a, b, group: null, level });
    };
    expect(input(ones([1]), ones([1, 0]))).toThrow(
      'pairedComparison: expected lists of equal length, got 1 and 2',
    );
    expect(input(ones([]), ones([]))).toThrow('clusteredMean: expected at least one value');
    expect(input(ones([1]), { k: floats([1]), n: floats([0]) })).toThrow(
      'pairedComparison: expected a count above 0 and a finite `k`, got 1 of 0 at 0',
    );
    expect(input(ones([1, 0]), ones([1, 0]), 1)).toThrow(
      'pairedComparison: expected `level` between 0 and 1, got 1',
    );
  });
});

describe('predictedComparison', () => {
  const a = floats([0.2, 0.4, 0.9, 0.5]);
  const b = floats([0.3, 0.4, 0.8, 0.8]);
  const input = { a, b, group: null, level: 0.95 };

  test('adds what the probe is off by', () => {
    const sure = predictedComparison({ ...input, errorVariance: 0 });
    const measured = pairedComparison({ ...input, a: ones([...a]), b: ones([...b]) });
    expect({ ...sure, p: 0 }).toEqual({ ...measured, p: 0, test: 't' });
    const unsure = predictedComparison({ ...input, errorVariance: 0.01 });
    expect(unsure.standardError! ** 2).toBeCloseTo(sure.standardError! ** 2 + 0.01, 12);
    expect(unsure.p).toBeGreaterThan(sure.p * 0.9);
    const few = predictedComparison({ ...input, errorVariance: 0.01, errorDegrees: 2 });
    expect(few.high! - few.low!).toBeGreaterThan(unsure.high! - unsure.low!);
  });

  test('of a checkpoint with itself is no difference', () => {
    const found = predictedComparison({ ...input, b: a, errorVariance: 0 });
    expect(found).toMatchObject({ difference: 0, low: 0, high: 0, p: 1 });
  });

  test('refuses a variance below 0', () => {
    expect(() => predictedComparison({ ...input, errorVariance: -1 })).toThrow(
      'predictedComparison: expected `errorVariance` from 0 and `errorDegrees` above 0, got -1 and Infinity',
    );
  });
});

describe('signFlipP', () => {
  test('counts the ways as they are', () => {
    expect(signFlipP(floats([1, 1, 1]))).toBe(0.25);
    expect(signFlipP(floats([1, 2, -3]))).toBe(1);
    expect(signFlipP(floats([0.1, 0.2, 0.3]))).toBe(0.25);
    expect(signFlipP(floats([0, 0]))).toBe(1);
    expect(() => signFlipP(new Float64Array(21))).toThrow('at most 20 differences, got 21');
  });
});

describe('holm', () => {
  test('is the step-down of an example done by hand', () => {
    expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
    expect(holm([])).toEqual([]);
    expect(() => holm([0.1, Number.NaN])).toThrow('holm: expected p from 0 to 1, got NaN');
  });

  test('lies between p and Bonferroni, in the order of p', () => {
    const ps = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });
    fc.assert(
      fc.property(ps, (p) => {
        const adjusted = holm(p);
        for (const [i, value] of adjusted.entries()) {
          expect(value).toBeGreaterThanOrEqual(p[i]!);
          expect(value).toBeLessThanOrEqual(Math.min(1, p.length * p[i]!));
          for (const [j, other] of adjusted.entries()) {
            if (p[i]! <= p[j]!) expect(value).toBeLessThanOrEqual(other);
          }
        }
      }),
    );
  });
});

describe('the normal distribution', () => {
  test.each(golden.normalCdf)('P(Z ≤ %d) is scipy’s', (z, expected) => {
    expect(Math.abs(normalCdf(z) - expected)).toBeLessThanOrEqual(1e-13 * expected);
  });

  test('its quantile turns it around', () => {
    fc.assert(
      fc.property(fc.double({ min: -8, max: 5, noNaN: true }), (z) => {
        expect(normalQuantile(normalCdf(z))).toBeCloseTo(z, 8);
      }),
    );
    expect([normalQuantile(0), normalQuantile(1)]).toEqual([-Infinity, Infinity]);
    expect(() => normalQuantile(2)).toThrow('normalQuantile: expected `p` from 0 to 1, got 2');
    expect(() => normalCdf(Number.NaN)).toThrow('normalCdf: expected a number, got NaN');
  });
});
