import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitSubsetMap } from './subset-map.ts';

const kinds = ['quartic', 'spline'] as const;
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe.each(kinds)('the %s map', (kind) => {
  it('goes through (0, 0) and (1, 1), rises, and stays within 0…1 whatever the points are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ subset: share, full: share }), { maxLength: 9 }),
        (points) => {
          const map = fitSubsetMap(points, { kind });
          expect(map.evaluate(0)).toBeCloseTo(0, 9);
          expect(map.evaluate(1)).toBeCloseTo(1, 9);
          let before = 0;
          for (let step = 0; step <= 50; step += 1) {
            const value = map.evaluate(step / 50);
            expect(value).toBeGreaterThanOrEqual(before - 1e-9);
            before = value;
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('is the identity without points', () => {
    const map = fitSubsetMap([], { kind });
    expect(map.rmse).toBe(0);
    expect(map.evaluate(0.37)).toBeCloseTo(0.37, 2);
  });

  it('follows a smooth relation', () => {
    const points = [0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95].map((subset) => ({
      subset,
      full: 0.6 * subset ** 2 + 0.4 * subset,
    }));
    const map = fitSubsetMap(points, { kind });
    expect(map.rmse).toBeLessThan(0.005);
    expect(map.evaluate(0.6)).toBeCloseTo(0.6 * 0.36 + 0.24, 2);
  });

  it('moves the lower end to chance', () => {
    const map = fitSubsetMap([{ subset: 0.6, full: 0.5 }], { kind, chanceEnds: 0.25 });
    expect(map.evaluate(0.25)).toBeCloseTo(0.25, 9);
    expect(map.evaluate(0.1)).toBeCloseTo(0.25, 9);
  });
});
