import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomStream } from '../stats/index.ts';
import { type AnswerCounts, fitBetaPrior } from './beta-binomial.ts';
import { type CountedQuestions, meanPassAtK, passAtK } from './pass-at-k.ts';
import { posteriorPassAtK, shrunkPassAtK } from './shrunk-pass-at-k.ts';
import { comparisonGolden as golden } from './testing/comparison-golden.ts';

describe('passAtK', () => {
  test('is the paper’s product, and nearer to the exact ratio', () => {
    expect(golden.passAtK.length).toBeGreaterThan(100);
    for (const [answers, right, k, formula, exact] of golden.passAtK) {
      const found = passAtK({ right, answers, k });
      expect(found).toBeCloseTo(formula, 12);
      expect(Math.abs(found! - exact)).toBeLessThanOrEqual(1e-13 * Math.max(exact, 1e-3));
    }
  });

  test('is the mean over all choices of k answers', () => {
    const counts = fc.integer({ min: 1, max: 9 }).chain((answers) =>
      fc.record({
        answers: fc.constant(answers),
        right: fc.integer({ min: 0, max: answers }),
        k: fc.integer({ min: 1, max: answers }),
      }),
    );
    fc.assert(
      fc.property(counts, ({ answers, right, k }) => {
        let [choices, found] = [0, 0];
        for (let choice = 0; choice < 2 ** answers; choice += 1) {
          const chosen = Array.from({ length: answers }, (_, i) => i).filter(
            (i) => (choice >> i) & 1,
          );
          if (chosen.length !== k) continue;
          choices += 1;
          found += Number(chosen.some((i) => i < right));
        }
        expect(passAtK({ answers, right, k })).toBeCloseTo(found / choices, 12);
      }),
    );
  });

  test('needs k answers, and whole ones beyond the first', () => {
    expect(passAtK({ right: 1, answers: 4, k: 5 })).toBeNull();
    expect(passAtK({ right: 0.4, answers: 4, k: 1 })).toBe(0.1);
    expect(passAtK({ right: 0.4, answers: 4, k: 2 })).toBeNull();
    expect(passAtK({ right: 1, answers: 1e6, k: 1000 })).toBeCloseTo(1e-3, 12);
    expect(passAtK({ right: 5e5, answers: 1e9, k: 2e4 })).toBeCloseTo(1 - Math.exp(-10.0026), 4);
    expect(() => passAtK({ right: 1, answers: 4, k: 0 })).toThrow(
      'passAtK: expected a whole `k` from 1, got 0',
    );
    expect(() => passAtK({ right: 5, answers: 4, k: 1 })).toThrow(
      'passAtK: expected 0 to 4 right answers, got 5',
    );
  });
});

describe('meanPassAtK', () => {
  const row = (right: number, questions: number, group = -1): CountedQuestions => ({
    ...{ right, answers: 2, questions, group },
  });

  test('clusters by group, and counts what it leaves out', () => {
    // Pass@2 of 0, 1 and 2 right of 2 is 0, 1, 1.
    const alone = meanPassAtK([row(0, 2), row(1, 1), row(2, 1), { ...row(1, 3), answers: 1 }], 2);
    expect(alone).toEqual({
      ...{ questions: 4, leftOut: 3, mean: 0.5 },
      standardError: expect.closeTo(Math.sqrt(1 / 3 / 4), 12) as number,
    });
    const grouped = meanPassAtK([row(0, 2, 0), row(1, 1, 1), row(2, 1, 1)], 2);
    expect(grouped).toEqual({
      ...{ questions: 4, leftOut: 0, mean: 0.5 },
      standardError: expect.closeTo(Math.sqrt((2 / 1) * 2) / 4, 12) as number,
    });
  });

  test('is null where no question has k answers', () => {
    expect(meanPassAtK([row(1, 5)], 3)).toEqual({
      ...{ questions: 0, leftOut: 5, mean: null, standardError: null },
    });
  });
});

describe('fitBetaPrior', () => {
  const rowsOf = ({ right, answers }: { right: number[]; answers: number[] }): AnswerCounts[] =>
    right.map((own, i) => ({ right: own, answers: answers[i]!, questions: 1 }));

  test.each(golden.betaBinomial)('finds what scipy finds', (wanted) => {
    const prior = fitBetaPrior(rowsOf(wanted))!;
    expect(prior.alpha / wanted.alpha).toBeCloseTo(1, 5);
    expect(prior.beta / wanted.beta).toBeCloseTo(1, 5);
  });

  test.each(golden.betaBinomial)('its posteriors are numerical integrals', (wanted) => {
    for (const { mean, low, high, k, ...counts } of wanted.posteriors) {
      const found = posteriorPassAtK(wanted, counts, { k, level: 0.9 });
      expect(found.mean).toBeCloseTo(mean, 8);
      expect(found.low).toBeCloseTo(low, 10);
      expect(found.high).toBeCloseTo(high, 10);
    }
  });

  test('is none where nothing tells the spread', () => {
    const all = (right: number, answers: number) => [{ right, answers, questions: 9 }];
    expect(fitBetaPrior(all(0, 4))).toBeNull();
    expect(fitBetaPrior(all(4, 4))).toBeNull();
    expect(fitBetaPrior([...all(0, 1), ...all(1, 1)])).toBeNull();
    expect(fitBetaPrior([])).toBeNull();
    expect(() => fitBetaPrior(all(5, 4))).toThrow(
      'fitBetaPrior: expected 0 to n right of n > 0, got 5 of 4',
    );
  });

  test('is a point where questions are alike, and leaves rates alone where answers are', () => {
    const alike = fitBetaPrior([{ right: 2, answers: 4, questions: 50 }])!;
    expect(alike.alpha + alike.beta).toBeGreaterThan(1e5);
    expect(alike.alpha / alike.beta).toBeCloseTo(1, 8);
    const firm = fitBetaPrior([
      { right: 0, answers: 4, questions: 30 },
      { right: 4, answers: 4, questions: 10 },
    ])!;
    expect(firm.alpha + firm.beta).toBeCloseTo(1e-3, 8);
    expect(firm.alpha / firm.beta).toBeCloseTo(1 / 3, 3);
  });
});

describe('shrunkPassAtK', () => {
  const stream = randomStream('shrunk');
  const draw = (questions: number, answers: number): CountedQuestions[] =>
    Array.from({ length: questions }, () => {
      const p = Math.min(stream.uniform(), stream.uniform());
      let right = 0;
      for (let i = 0; i < answers; i += 1) right += stream.uniform() < p ? 1 : 0;
      return { right, answers, questions: 1, group: -1 };
    });

  // The smaller of two uniform draws is Beta(1, 2): pass@10 is 1 − B(1, 12) / B(1, 2) = 5 / 6 on average.
  test('tells pass@10 from 4 answers, with an error that is its own', () => {
    const found = Array.from({ length: 60 }, () => shrunkPassAtK(draw(200, 4), 10)!);
    const means = found.map(({ mean }) => mean);
    const centre = means.reduce((sum, value) => sum + value, 0) / means.length;
    const spread = Math.sqrt(
      means.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (means.length - 1),
    );
    const stated = found.reduce((sum, one) => sum + one.standardError!, 0) / found.length;
    expect(Math.abs(centre - 5 / 6)).toBeLessThan((4 * spread) / Math.sqrt(means.length));
    expect(stated / spread).toBeGreaterThan(0.7);
    expect(stated / spread).toBeLessThan(1.4);
  });

  test('with one group has no error, and without a prior is none', () => {
    const one = draw(40, 4).map((row) => ({ ...row, group: 3 }));
    expect(shrunkPassAtK(one, 2)).toMatchObject({ questions: 40, standardError: null });
    expect(shrunkPassAtK([{ right: 0, answers: 4, questions: 3, group: -1 }], 2)).toBeNull();
  });
});
