import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { studentQuantile } from '../stats/index.ts';
import {
  equivalentLabels,
  estimateAccuracy,
  labelsForWidth,
  type LabelledQuestions,
  plainMean,
  predictionPowered,
} from './index.ts';
import { golden } from './testing/golden.ts';
import { ask, population, stream, subset } from './testing/population.ts';

const floats = (values: readonly number[]) => Float64Array.from(values);
const average = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

describe('predictionPowered', () => {
  test.each(golden.predictionPowered)('is ppi_py’s ($lambda)', (wanted) => {
    const { level, lambda, estimate, low, high } = wanted;
    const found = predictionPowered({
      rates: floats(wanted.rates),
      predicted: floats(wanted.predicted),
      others: floats(wanted.others),
      level,
      lambda,
    });
    expect(found.estimate).toBeCloseTo(estimate, 11);
    expect(found.low).toBeCloseTo(low, 11);
    expect(found.high).toBeCloseTo(high, 11);
  });

  test('needs labels and others', () => {
    const none = { rates: floats([1]), predicted: floats([1]), others: floats([]) };
    expect(() => predictionPowered({ ...none, level: 0.9, lambda: 1 })).toThrow(
      'expected two or more rates with predictions and one or more others, got 1, 1 and 0',
    );
  });
});

describe('estimateAccuracy', () => {
  const questions: LabelledQuestions = {
    predicted: floats([0.2, 0.4, 0.9, 0.5, 0.7]),
    k: floats([1, 0, 4, 0, 2]),
    n: floats([4, 0, 5, 0, 4]),
  };

  test('with λ = 1 is the difference estimator, done by hand', () => {
    const found = estimateAccuracy(questions, { level: 0.9, lambda: 1 })!;
    // Gaps 0.05, −0.1, −0.2; noise 0.25·0.75/3, 0.8·0.2/4, 0.5·0.5/3.
    const noise = (0.0625 + 0.04 + 0.25 / 3) / 3;
    const spread = (0.1333333333 ** 2 + 0.0166666667 ** 2 + 0.1166666667 ** 2) / 2;
    const error = Math.sqrt((1 - 3 / 5) * (spread / 3) + noise / 5);
    expect(found.estimate).toBeCloseTo(0.54 - 0.25 / 3, 9);
    expect(found.standardError).toBeCloseTo(error, 9);
    expect(found.high).toBeCloseTo(0.54 - 0.25 / 3 + studentQuantile(0.95, 2) * error, 9);
    expect(found).toMatchObject({ level: 0.9, degrees: 2, lambda: 1, labelled: 3, questions: 5 });
    expect(found.method).toBe(
      'difference estimator: predictions of 5 questions corrected by 3 labelled ones, taken to be a random subset',
    );
  });

  test('the plain mean does not look at the predictions', () => {
    const found = plainMean(questions, { level: 0.9 })!;
    expect(found.estimate).toBeCloseTo(1.55 / 3, 12);
    const other = { ...questions, predicted: floats([1, 0, 0, 1, 0]) };
    expect(plainMean(other, { level: 0.9 })).toEqual(found);
    expect(found.method).toBe('mean of 3 labelled questions');
  });

  test('lies in its interval, and useless constant predictions change nothing', () => {
    const item = fc.record({ f: fc.double({ min: 0, max: 1, noNaN: true }), k: fc.nat(3) });
    fc.assert(
      fc.property(
        fc.array(item, { minLength: 2, maxLength: 40 }),
        fc.constantFrom('questions' as const, 'population' as const),
        fc.constantFrom(0, 1, 'plug-in' as const, 'cross-fitted' as const),
        (items, target, lambda) => {
          const n = floats(items.map((_, i) => (i < 2 || i % 3 === 0 ? 3 : 0)));
          const k = floats(items.map((one, i) => Math.min(one.k, n[i]!)));
          const given = { predicted: floats(items.map((one) => one.f)), k, n };
          const found = estimateAccuracy(given, { level: 0.9, target, lambda })!;
          expect(found.low).toBeLessThanOrEqual(found.estimate);
          expect(found.high).toBeGreaterThanOrEqual(found.estimate);
          expect(found.standardError).toBeGreaterThan(0);
          const flat = { ...given, predicted: new Float64Array(n.length).fill(0.4) };
          const same = estimateAccuracy(flat, { level: 0.9, target, lambda })!;
          const plain = plainMean(flat, { level: 0.9, target })!;
          expect(same.estimate).toBeCloseTo(plain.estimate, 12);
          expect(same.standardError).toBeCloseTo(plain.standardError, 12);
        },
      ),
    );
  });

  test.each([
    { target: 'questions', lambda: 'cross-fitted', skill: 0.7, m: 20, answers: 8 },
    { target: 'questions', lambda: 1, skill: 0.7, m: 60, answers: 1 },
    { target: 'questions', lambda: 'cross-fitted', skill: 0, m: 8, answers: 4 },
    { target: 'population', lambda: 'cross-fitted', skill: 0.7, m: 30, answers: 4 },
  ] as const)('covers: $target, λ $lambda, skill $skill, $m labels', (setting) => {
    const { target, lambda, skill, m, answers } = setting;
    const draws = stream(JSON.stringify(setting));
    const everyone = average(population(stream('everyone'), { size: 100_000, skill }).truth);
    const fixed = population(draws, { size: 300, skill, shift: 0.7 });
    const rounds = 1000;
    let [covered, errors, plainErrors] = [0, 0, 0];
    for (let round = 0; round < rounds; round += 1) {
      const these =
        target === 'questions' ? fixed : population(draws, { size: 300, skill, shift: 0.7 });
      const truth = target === 'questions' ? average(these.truth) : everyone;
      const given = ask(these, subset(draws, 300, m), { answers, stream: draws });
      const found = estimateAccuracy(given, { level: 0.9, target, lambda })!;
      covered += found.low <= truth && truth <= found.high ? 1 : 0;
      errors += (found.estimate - truth) ** 2;
      plainErrors += (plainMean(given, { level: 0.9 })!.estimate - truth) ** 2;
    }
    expect(covered / rounds).toBeGreaterThan(0.87);
    expect(covered / rounds).toBeLessThan(0.93);
    expect(Math.sqrt(errors / plainErrors)).toBeLessThan(skill > 0 ? 0.96 : 1.04);
  });

  test('equal labels are no certainty, and all labels leave only the noise of the answers', () => {
    const right = ask(
      { truth: new Float64Array(50).fill(1), predicted: new Float64Array(50).fill(0.8) },
      [1, 7, 9, 30, 31],
      { answers: 1, stream: stream('right') },
    );
    const found = estimateAccuracy(right, { level: 0.9 })!;
    expect(found.estimate).toBe(1);
    expect(found.low).toBeCloseTo(0.736, 3);
    const all = { predicted: floats([0.1, 0.9]), k: floats([1, 2]), n: floats([4, 4]) };
    const error = plainMean(all, { level: 0.9 })!.standardError;
    expect(error ** 2).toBeCloseTo((0.0625 + 0.25 / 3) / 2 / 2, 12);
  });

  test('has no answer from one label, and refuses what cannot be', () => {
    const one = { predicted: floats([0.5, 0.5]), k: floats([1, 0]), n: floats([1, 0]) };
    expect(estimateAccuracy(one, { level: 0.9 })).toBe(null);
    const of = (change: Partial<LabelledQuestions>, level = 0.9, lambda = 1) => {
      return () => estimateAccuracy({ ...questions, ...change }, { level, lambda });
    };
    expect(of({ n: floats([1]) })).toThrow(
      'estimate: expected lists of equal length, got 5 predictions, 5 k and 1 n',
    );
    expect(of({ k: floats([5, 0, 0, 0, 0]) })).toThrow(
      'estimate: expected a finite prediction and k from 0 to n, got 0.2, 5 of 4 at 0',
    );
    expect(of({}, 2)).toThrow('estimate: expected `level` between 0 and 1, got 2');
    expect(of({}, 0.9, 2)).toThrow('estimate: expected `lambda` from 0 to 1, got 2');
  });
});

describe('equivalentLabels and labelsForWidth', () => {
  const draws = stream('worth');
  const known = population(draws, { size: 400, skill: 0.9 });
  const given = ask(known, subset(draws, 400, 50), { answers: 8, stream: draws });

  test.each(['questions', 'population'] as const)('agree with the variances: %s', (target) => {
    const plain = plainMean(given, { level: 0.9, target })!;
    const found = estimateAccuracy(given, { level: 0.9, target })!;
    expect(equivalentLabels(plain)!.more).toBeCloseTo(0, 12);
    const worth = equivalentLabels(found)!;
    const { rates, noise } = found.spread;
    const variance =
      target === 'questions'
        ? rates * (1 / worth.labels - 1 / 400) + noise / 400
        : rates / worth.labels;
    expect(Math.sqrt(variance)).toBeCloseTo(found.standardError, 12);
    expect(worth.ratio).toBeGreaterThan(1.5);
    expect(worth.more).toBeCloseTo(worth.labels - 50, 12);
    expect(worth.method).toMatch(
      /^ratio of variances: the rates vary by 0\.\d+ a question, what is left of them by 0\.\d+, 50 labels/,
    );
    const width = 2 * studentQuantile(0.95, found.degrees) * found.standardError;
    expect(labelsForWidth(found, width * (1 + 1e-9))).toBe(50);
    expect(labelsForWidth(found, width * 0.9)).toBeGreaterThan(50);
    expect(labelsForWidth(found, 1e-4)).toBe(null);
  });

  test('say nothing where nothing varies, and refuse no width', () => {
    const found = estimateAccuracy(given, { level: 0.9 })!;
    const still = { ...found, spread: { rates: 0, residuals: 0, noise: 0 } };
    expect(equivalentLabels(still)).toBe(null);
    expect(() => labelsForWidth(found, 0)).toThrow(
      'labelsForWidth: expected `width` above 0, got 0',
    );
  });
});
