import { describe, expect, it } from 'vitest';
import type { Forecaster } from './forecaster.ts';
import type { Ladder } from './ladder.ts';
import { forecasters } from './methods/index.ts';
import { drawReplicates } from './replicates.ts';
import { ladderOf, syntheticLadder, trueAccuracy } from './testing/synthetic-ladder.ts';

const target = (ladder: Ladder, times: number) => ({
  flops: ladder.models.at(-1)!.flops * times,
  params: 1e9,
  tokens: 1e11,
});

const hostile: Readonly<Record<string, readonly number[]>> = {
  'all zero': [0, 0, 0, 0, 0],
  'all one': [1, 1, 1, 1, 1],
  flat: [0.3, 0.3, 0.3, 0.3],
  falling: [0.9, 0.7, 0.5, 0.3, 0.1],
  'below chance': [0.1, 0.2, 0.15, 0.12],
  emergent: [0, 0, 0, 0, 0, 0.9],
  zigzag: [0, 1, 0, 1, 0, 1],
  long: Array.from({ length: 25 }, (_, i) => i / 30),
};

/** What every method is held to, whatever it does inside. */
describe.each(forecasters.map((forecaster) => [forecaster.name, forecaster] as const))(
  '%s',
  (_, forecaster) => {
    const full = withAnchors(syntheticLadder());
    const fits = (ladder: Ladder) =>
      ladder.models.length >= forecaster.minModels &&
      forecaster.missing?.(ladder, target(ladder, 4)) == null;

    it('fits a full ladder, and answers from 0 to 1 however far it is asked', () => {
      expect(fits(full)).toBe(true);
      const fitted = forecaster.fit(full);
      for (const times of [0.1, 1, 2, 4, 30, 1e4]) {
        const accuracy = fitted.predict(target(full, times));
        expect(accuracy).toBeGreaterThanOrEqual(0);
        expect(accuracy).toBeLessThanOrEqual(1);
      }
    });

    it('is not far off on a benchmark that follows its laws', () => {
      const truth = trueAccuracy(200, 3 ** 5 * 4);
      const forecast = forecaster.fit(full).predict(target(full, 4));
      // The subset alone is no forecast of the whole, and the last value does not grow: both are shown for comparison.
      const allowed = forecaster.name === 'cod:subset' ? 0.35 : 0.13;
      expect(Math.abs(forecast - truth)).toBeLessThan(allowed);
    });

    it('gives the same answer again', () => {
      const [a, b] = [forecaster.fit(full), forecaster.fit(full)];
      expect(a.predict(target(full, 4))).toBe(b.predict(target(full, 4)));
    });

    it('does not depend on the unit of compute', () => {
      const other = withAnchors(syntheticLadder({ smallest: 1e3 }));
      const [a, b] = [full, other].map((ladder) =>
        forecaster.fit(ladder).predict(target(ladder, 4)),
      );
      expect(b).toBeCloseTo(a!, 6);
    });

    it('answers on every bootstrap replicate, near its forecast', () => {
      const fitted = forecaster.fit(full);
      const draws = drawReplicates(full, { count: 20, seed: 0, shock: 0.005 });
      const forecast = fitted.predict(target(full, 4));
      for (const draw of draws) {
        const replicate = fitted.replicate!(draw).predict(target(full, 4));
        expect(Math.abs(replicate - forecast)).toBeLessThan(0.2);
      }
    });

    it.each(Object.entries(hostile))('survives a ladder that is %s', (__, accuracy) => {
      const ladder = ladderOf(accuracy, 0.25);
      if (!fits(ladder)) return;
      expectAnswer(forecaster, ladder);
    });

    it.each([
      ['of items that all models solve', 1],
      ['of items that no model solves', 0],
    ])('survives a benchmark %s', (__, rate) => {
      const ladder = syntheticLadder({ items: 10 });
      const items = ladder.items!;
      items.right.set(items.answers.map((n) => n * rate));
      const flat = { ...ladder, accuracy: ladder.accuracy.map(() => rate) };
      if (fits(flat)) expectAnswer(forecaster, flat);
    });
  },
);

function expectAnswer(forecaster: Forecaster, ladder: Ladder): void {
  const accuracy = forecaster.fit(ladder).predict(target(ladder, 10));
  expect(accuracy).toBeGreaterThanOrEqual(0);
  expect(accuracy).toBeLessThanOrEqual(1);
}

/** Two models of another family, whose rates are those of ladder models. */
function withAnchors(ladder: Ladder): Ladder {
  const models = ladder.models.length;
  const anchors = [models - 2, models - 1].map((model) => ({
    ...ladder.models[model]!,
    checkpoint: `anchor${model}`,
    accuracy: ladder.accuracy[model]!,
    rates: Float64Array.from(
      ladder.items!.ids,
      (__, item) => ladder.items!.right[item * models + model]! / 100,
    ),
  }));
  return {
    ...ladder,
    anchors,
    panel: ladder.panel.map((one) => ({ ...one, anchors: one.accuracy.slice(-2) })),
  };
}
