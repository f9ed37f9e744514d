import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { benjaminiHochberg } from './benjamini-hochberg.ts';
import { holm, pairedComparison } from './index.ts';
import { mcNemarP } from './mcnemar.ts';
import { comparisonGolden as golden } from './testing/comparison-golden.ts';
import { answersSample, questionsSample, unpairedComparison } from './unpaired-comparison.ts';

const floats = (values: readonly number[]) => Float64Array.from(values);
const counts = ({ k, n }: { k: number[]; n: number[] }) => ({ k: floats(k), n: floats(n) });
const ones = (k: number[]) => ({ k: floats(k), n: new Float64Array(k.length).fill(1) });

describe('single answers, right or wrong', () => {
  test.each(golden.singleAnswers)('are tested as statsmodels does', (wanted) => {
    const { a, b, low, high, p } = wanted;
    const found = pairedComparison({ a: ones(a), b: ones(b), group: null, level: 0.95 });
    expect(found.test).toBe('mcnemar');
    expect(found.p).toBeCloseTo(p, 12);
    expect(found.low).toBeCloseTo(low, 12);
    expect(found.high).toBeCloseTo(high, 12);
    expect(mcNemarP(wanted.lost, wanted.won)).toBe(found.p);
  });

  test('in groups, or of several answers, or parts of one, are tested otherwise', () => {
    const a = ones([0, 0, 1, 1]);
    const b = ones([1, 1, 1, 0]);
    const group = Int32Array.from([0, 0, 1, 1]);
    const testOf = (input: Partial<Parameters<typeof pairedComparison>[0]>): string =>
      pairedComparison({ a, b, group: null, level: 0.95, ...input }).test;
    expect(testOf({})).toBe('mcnemar');
    expect(testOf({ group })).toBe('sign-flip');
    expect(testOf({ a: { k: a.k, n: floats([1, 1, 1, 2]) } })).toBe('sign-flip');
    expect(testOf({ a: { k: floats([0, 0.5, 1, 1]), n: a.n } })).toBe('sign-flip');
  });

  test('McNemar’s p needs whole counts; equal ones are no difference', () => {
    expect([mcNemarP(0, 0), mcNemarP(7, 7), mcNemarP(0, 1)]).toEqual([1, 1, 1]);
    expect(mcNemarP(0, 5)).toBeCloseTo(2 / 32, 14);
    expect(() => mcNemarP(1.5, 2)).toThrow('mcNemarP: expected whole counts from 0, got 1.5');
  });
});

describe('many tasks', () => {
  test.each(golden.adjusted)('are adjusted as statsmodels does', ({ p, ...wanted }) => {
    const close = (values: number[]) => values.map((value) => expect.closeTo(value, 12) as number);
    expect(holm(p)).toEqual(close(wanted.holm));
    expect(benjaminiHochberg(p)).toEqual(close(wanted.fdr));
  });

  test('Benjamini and Hochberg’s p lies between p and Holm’s', () => {
    const ps = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });
    fc.assert(
      fc.property(ps, (p) => {
        const strict = holm(p);
        for (const [i, value] of benjaminiHochberg(p).entries()) {
          expect(value).toBeGreaterThanOrEqual(p[i]!);
          expect(value).toBeLessThanOrEqual(strict[i]! + 1e-12);
        }
      }),
    );
    expect(() => benjaminiHochberg([2])).toThrow(
      'benjaminiHochberg: expected p from 0 to 1, got 2',
    );
  });
});

describe('unpairedComparison', () => {
  test.each(golden.welch)('is scipy’s Welch test', ({ a, b, difference, low, high, p }) => {
    const found = unpairedComparison({
      a: questionsSample(counts(a), null),
      b: questionsSample(counts(b), null),
      level: 0.95,
    });
    expect(found.difference).toBeCloseTo(difference, 12);
    expect(found.low).toBeCloseTo(low, 10);
    expect(found.high).toBeCloseTo(high, 10);
    expect(found.p).toBeCloseTo(p, 10);
    expect(found.test).toBe('welch');
  });

  test('of whole tasks takes each answer for a question', () => {
    const k = [...new Array<number>(30).fill(1), ...new Array<number>(70).fill(0)];
    expect(answersSample(30, 100)).toEqual({
      ...questionsSample(ones(k), null),
      standardError: expect.closeTo(questionsSample(ones(k), null).standardError!, 12) as number,
    });
    expect(answersSample(100, 100).standardError).toBeCloseTo(Math.sqrt(1 / 99 / 100), 12);
    expect(() => answersSample(0, 0)).toThrow('answersSample: expected `n` above 0, got 0');
  });

  test('one question says nothing of the spread', () => {
    const found = unpairedComparison({
      a: questionsSample(ones([1]), null),
      b: answersSample(5, 10),
      level: 0.95,
    });
    expect(found).toEqual({
      ...{ units: 1, a: 1, b: 0.5, difference: -0.5, test: 'welch', p: 1 },
      ...{ standardError: null, low: null, high: null, minimalDetectableEffect: null },
    });
  });
});
