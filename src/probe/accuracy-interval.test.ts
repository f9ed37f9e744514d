import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accuracyInterval, fitErrorModel } from './accuracy-interval.ts';
import type { ReplayedResidual } from './residuals.ts';

const now = { horizon: 0, widening: 1, isBroken: false };
const ahead = (horizon: number, widening = 1) => ({ horizon, widening, isBroken: false });
const widthAt = (model: ReturnType<typeof fitErrorModel>, p: number, at: typeof now) => {
  const { low, high } = accuracyInterval(model, p, at);
  return high - low;
};

/** Errors spread evenly over −size … size (in accuracy, about one half). */
const residuals = (count: number, of: Partial<ReplayedResidual> & { size: number }) =>
  Array.from({ length: count }, (_, i): ReplayedResidual => {
    const { size, ...rest } = of;
    const measured = 0.5 + size * ((2 * i + 1) / count - 1);
    const where = { horizon: 1, age: 1, predicted: 0.5, labelling: null };
    return { task: 't', ...where, measured, ...rest };
  });

/** The same from three cuts, so that each side has its own quantile. */
const threeCuts = (count: number, of: Partial<ReplayedResidual> & { size: number }) =>
  [0.3, 0.6, 1].flatMap((age) => residuals(count, { ...of, age, horizon: age }));

describe('the error model', () => {
  test('without any residual is wide at the next doubling, and inside 0 … 1', () => {
    const model = fitErrorModel([]);
    const { low, high } = accuracyInterval(model, 0.9, ahead(Math.log(2)));
    expect(low).toBeLessThan(0.45);
    expect(high).toBe(1);
    expect(widthAt(model, 0.5, now)).toBeLessThan(0.5);
    expect([model.shortest, model.residuals]).toEqual([0, 0]);
    expect(model.method).toContain('the size of the errors beside four guesses, for they are few');
  });

  test('grows with the distance, by the errors per unit of it', () => {
    const near = residuals(60, { size: 0.02, horizon: 0 });
    const model = fitErrorModel([...near, ...threeCuts(40, { size: 0.2 })]);
    expect(widthAt(model, 0.5, now)).toBeLessThan(0.1);
    expect(widthAt(model, 0.5, ahead(1))).toBeLessThan(widthAt(model, 0.5, ahead(2)));
    // Nearer than anything that was replayed counts as the nearest that was.
    expect(widthAt(model, 0.5, ahead(0.01))).toBe(widthAt(model, 0.5, ahead(0.3)));
  });

  test('covers what it was learned from at its level', () => {
    const all = threeCuts(100, { size: 0.3, horizon: 1 }).map((one) => ({ ...one, horizon: 1 }));
    const model = fitErrorModel(all);
    const inside = all.filter((one) => {
      const { low, high } = accuracyInterval(model, one.predicted, ahead(one.horizon));
      return one.measured >= low && one.measured <= high;
    });
    expect(inside.length / all.length).toBeGreaterThan(0.89);
    expect(inside.length / all.length).toBeLessThan(0.93);
  });

  test('leans to the side of the past errors once three cuts were replayed', () => {
    const better = threeCuts(40, { size: 0.1 }).map((one) => {
      return { ...one, measured: Math.max(0.5, one.measured) };
    });
    const { perUnit, method } = fitErrorModel(better);
    expect(perUnit.below).toBe(0);
    expect(perUnit.above).toBeGreaterThan(0.05);
    expect(method).toContain('errors of earlier-to-later predictions replayed from 3 labelled');
    expect(method).toContain('each side by its own errors');
    // Beyond a break the side says nothing.
    const [before, after] = [false, true].map((isBroken) =>
      accuracyInterval(fitErrorModel(better), 0.5, { ...ahead(2), isBroken }),
    );
    expect(after!.high).toBe(before!.high);
    expect(0.5 - after!.low).toBeCloseTo(after!.high - 0.5, 12);
    const two = fitErrorModel(better.filter(({ age }) => age < 1));
    expect(two.perUnit.below).toBe(two.perUnit.above);
  });

  test('believes the latest replays most', () => {
    const sizes = (old: number, young: number) =>
      fitErrorModel([
        ...residuals(40, { size: 0.02, horizon: 0, age: 0 }),
        ...residuals(40, { size: old, age: 4 }),
        ...residuals(40, { size: old, age: 3 }),
        ...residuals(40, { size: young, age: 0.3 }),
      ]);
    expect(widthAt(sizes(0.4, 0.05), 0.5, ahead(1))).toBeLessThan(0.2);
    expect(widthAt(sizes(0.05, 0.4), 0.5, ahead(1))).toBeGreaterThan(0.6);
  });

  test('is shorter near 0 and 1, and wider by the factor of what drifted', () => {
    const model = fitErrorModel(threeCuts(40, { size: 0.04 }));
    expect(widthAt(model, 0.98, ahead(1))).toBeLessThan(0.6 * widthAt(model, 0.5, ahead(1)));
    const ratio = widthAt(model, 0.5, ahead(1, 1.5)) / widthAt(model, 0.5, ahead(1));
    expect(ratio).toBeGreaterThan(1.4);
    expect(ratio).toBeLessThan(1.5 + 1e-9);
  });

  test('is finite and holds the prediction for any residuals', () => {
    const value = fc.double({ min: 0, max: 1, noNaN: true });
    const distance = fc.double({ min: 0, max: 5, noNaN: true });
    const residual = fc.record({
      task: fc.constant('t'),
      horizon: distance,
      age: distance,
      predicted: value,
      measured: value,
      labelling: fc.constant(null),
    });
    fc.assert(
      fc.property(
        fc.array(residual, { maxLength: 60 }),
        value,
        fc.double({ min: 0, max: 9, noNaN: true }),
        fc.double({ min: 1, max: 9, noNaN: true }),
        (list, p, horizon, widening) => {
          const { low, high } = accuracyInterval(fitErrorModel(list), p, {
            horizon,
            widening,
            isBroken: widening > 5,
          });
          expect(low >= 0 && low <= p && p <= high && high <= 1).toBe(true);
        },
      ),
    );
  });
});
