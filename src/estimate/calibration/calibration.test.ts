import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wilsonInterval } from '../../stats/index.ts';
import { golden } from '../testing/golden.ts';
import { population, stream } from '../testing/population.ts';
import {
  applyCalibration,
  calibrationLine,
  type CalibrationMap,
  type CalibrationMethod,
  estimatePrior,
  fitCalibration,
  reliability,
  shiftPrior,
  thinSteps,
} from './index.ts';

const floats = (values: readonly number[]) => Float64Array.from(values);
const methods: readonly CalibrationMethod[] = ['platt', 'beta', 'isotonic'];
const average = (values: Float64Array) => values.reduce((a, b) => a + b, 0) / values.length;

function expectClose(found: ArrayLike<number>, wanted: readonly number[], digits: number): void {
  expect(found.length).toBe(wanted.length);
  for (const [i, value] of wanted.entries()) expect(found[i], `at ${i}`).toBeCloseTo(value, digits);
}

describe('fitCalibration', () => {
  test.each(golden.calibration)('is scipy’s and scikit-learn’s', (wanted) => {
    const fit = (method: CalibrationMethod) => {
      const { predicted, rates, weights } = wanted;
      return fitCalibration(method, floats(predicted), floats(rates), floats(weights));
    };
    const platt = fit('platt') as CalibrationMap & { method: 'platt' };
    expectClose([platt.slope, platt.intercept], wanted.platt, 6);
    const beta = fit('beta') as CalibrationMap & { method: 'beta' };
    expectClose([beta.a, beta.b, beta.c], wanted.beta, 4);
    expectClose(applyCalibration(fit('isotonic'), floats(wanted.at)), wanted.isotonic, 12);
  });

  test('gives a non-decreasing map into 0…1 that survives JSON, whatever the labels', () => {
    const p = fc.oneof(fc.constantFrom(0, 0.5, 1), fc.double({ min: 0, max: 1, noNaN: true }));
    const question = fc.record({ p, rate: p, weight: fc.constantFrom(0, 1, 2.5) });
    fc.assert(
      fc.property(
        fc.array(question, { minLength: 1, maxLength: 40 }),
        fc.constantFrom(...methods),
        fc.boolean(),
        (questions, method, falling) => {
          const rates = questions.map((q) => (falling ? 1 - q.p : q.rate));
          const weights = questions.map((q, i) => (i === 0 ? 1 : q.weight));
          const scores = floats(questions.map((q) => q.p));
          const map = fitCalibration(method, scores, floats(rates), floats(weights));
          expect(JSON.parse(JSON.stringify(map))).toEqual(map);
          const at = floats([0, 1e-12, 0.1, 0.4, 0.6, 0.99, 1]);
          const found = applyCalibration(map, at);
          for (const [i, value] of found.entries()) {
            expect(value).toBeGreaterThanOrEqual(0);
            expect(value).toBeLessThanOrEqual(1);
            if (i > 0 && method !== 'platt') {
              expect(value).toBeGreaterThanOrEqual(found[i - 1]! - 1e-12);
            }
          }
        },
      ),
    );
  });

  test.each(methods)('%s brings overconfident predictions to the truth', (method) => {
    const draws = stream('calibrate');
    const { truth } = population(draws, { size: 3000, skill: 0.5 });
    const predicted = truth.map((p) => p ** 2 / (p ** 2 + 0.5 * (1 - p) ** 2));
    const rates = truth.map((p) => Number(draws.uniform() < p));
    const found = applyCalibration(fitCalibration(method, predicted, rates), predicted);
    const away = (of: Float64Array) => average(of.map((p, i) => Math.abs(p - truth[i]!)));
    expect(away(found)).toBeLessThan(0.35 * away(predicted));
  });

  test('a thinned curve keeps both ends, does not fall, and is as it was where it is short', () => {
    const x = Array.from({ length: 10 }, (_, i) => i / 9);
    const curve = { x, y: x.map((value) => value ** 2) };
    expect(thinSteps(curve, 4)).toEqual({ x: [0, 3 / 9, 6 / 9, 1], y: [0, 1 / 9, 4 / 9, 1] });
    expect(thinSteps(curve, 10)).toEqual(curve);
  });

  test('leaves predictions alone where the labels say nothing', () => {
    expect(fitCalibration('platt', floats([0.3]), floats([0.3]))).toEqual({
      method: 'platt',
      slope: 1,
      intercept: 0,
    });
  });

  test('refuses what it cannot fit', () => {
    const fit = (scores: number[], rates: number[], weights?: number[]) => () =>
      fitCalibration('platt', floats(scores), floats(rates), weights && floats(weights));
    expect(fit([], [])).toThrow(
      'fitCalibration: expected as many rates as scores and at least one, got 0 and 0',
    );
    expect(fit([0.5, 2], [0, 1])).toThrow(
      'fitCalibration: expected scores and rates from 0 to 1, got 2 and 1 at 1',
    );
    expect(fit([0.5], [1], [-1])).toThrow(
      'fitCalibration: expected 1 finite weights from 0, not all 0, got 1, -1 at 0',
    );
    expect(fit([0.5], [1], [0])).toThrow('not all 0, got 1');
  });
});

describe('reliability', () => {
  test.each(golden.calibration)('has scikit-learn’s slope, intercept and bins', (wanted) => {
    const found = reliability(floats(wanted.predicted), floats(wanted.rates));
    expect(found.slope).toBeCloseTo(wanted.line.slope, 6);
    expect(found.intercept).toBeCloseTo(wanted.line.intercept, 6);
    expect(found.bins.reduce((sum, bin) => sum + bin.count, 0)).toBe(wanted.rates.length);
    if (wanted.curve === null) return;
    expectClose(
      found.bins.map((bin) => bin.measured),
      wanted.curve.measured,
      12,
    );
    expectClose(
      found.bins.map((bin) => bin.predicted),
      wanted.curve.predicted,
      12,
    );
  });

  test('of single answers has Wilson’s interval', () => {
    const rates = floats([1, 0, 1, 1, 0, 1]);
    const [bin] = reliability(new Float64Array(6).fill(0.6), rates, { level: 0.95 }).bins;
    const { low, high } = wilsonInterval(4 / 6, 6, 0.95);
    expect(bin).toMatchObject({ count: 6 });
    expect(bin!.low).toBeCloseTo(low, 12);
    expect(bin!.high).toBeCloseTo(high, 12);
  });

  test('keeps equal predictions together, and has no line where none can be told', () => {
    const found = reliability(floats([0.2, 0.2, 0.2, 0.7]), floats([0, 0, 1, 1]), { bins: 4 });
    expect(found.bins.map((bin) => bin.count)).toEqual([3, 1]);
    const flat = new Float64Array(3).fill(0.5);
    const none = { slope: null, intercept: null };
    expect(calibrationLine(flat, floats([0, 1, 1]))).toEqual(none);
    expect(calibrationLine(floats([0.2, 0.3, 0.8, 0.9]), floats([0, 0, 1, 1]))).toEqual(none);
    expect(calibrationLine(floats([0.2, 0.3]), floats([1, 1]))).toEqual(none);
  });

  test('the debiased error of perfect predictions is near 0, of others near what it is', () => {
    const draws = stream('debiased');
    let [plain, fair, off] = [0, 0, 0];
    const rounds = 100;
    for (let round = 0; round < rounds; round += 1) {
      const { truth } = population(draws, { size: 200, skill: 0.5 });
      const rates = truth.map((p) => Number(draws.uniform() < p));
      const perfect = reliability(truth, rates);
      plain += perfect.error / rounds;
      fair += perfect.debiasedError / rounds;
      const lower = truth.map((p) => 0.8 * p);
      const gap = 0.2 * Math.sqrt(average(truth.map((p) => p * p)));
      off += (reliability(lower, rates).debiasedError - gap) / rounds;
    }
    expect(plain).toBeGreaterThan(0.05);
    expect(fair).toBeLessThan(0.45 * plain);
    expect(Math.abs(off)).toBeLessThan(0.015);
  });
});

describe('prior shift', () => {
  test.each(golden.calibration)('the unknown prior is where EM ends', ({ predicted, prior }) => {
    expect(estimatePrior(floats(predicted), prior.from)).toBeCloseTo(prior.to, 7);
  });

  test('finds a new prior, and the correction meets it', () => {
    const draws = stream('prior');
    const learned = population(draws, { size: 4000, skill: 1 });
    const from = average(learned.truth);
    // Keep a question by its answer, so that wrong ones are three times as frequent as they were.
    const kept = learned.truth.filter((p) => draws.uniform() < p || draws.uniform() < 0.6);
    const answers = kept.map((p) => p / (p + 0.6 * (1 - p)));
    const found = estimatePrior(kept, from);
    expect(found).toBeCloseTo(average(answers), 1);
    const shifted = shiftPrior(kept, { from, to: found });
    expect(average(shifted)).toBeCloseTo(found, 6);
    expect([...shiftPrior(floats([0.2, 0.7]), { from: 0.4, to: 0.4 })]).toEqual([
      expect.closeTo(0.2, 12),
      expect.closeTo(0.7, 12),
    ]);
  });

  test('stays where the predictions say nothing, and refuses no prior', () => {
    expect(estimatePrior(new Float64Array(5).fill(0.3), 0.3)).toBe(0.3);
    expect(() => estimatePrior(floats([0.5]), 1)).toThrow(
      'estimatePrior: expected predictions and `from` between 0 and 1, got 1 and 1',
    );
  });
});

describe('wilsonInterval', () => {
  test.each(golden.wilson)('%d of %d is scipy’s', (k, n, level, ...expected) => {
    const { low, high } = wilsonInterval(k / n, n, level);
    expectClose([low, high], expected, 12);
  });
});
