import { expect, it } from 'vitest';
import { forecasters } from './methods/index.ts';
import { drawReplicates } from './replicates.ts';
import { syntheticLadder } from './testing/synthetic-ladder.ts';

const target = { flops: 1e18 * 3 ** 5 * 3, params: 1e9, tokens: 1e11 };
const datasets = Array.from({ length: 24 }, (_, seed) => syntheticLadder({ samples: 4, seed }));

/**
 * How a forecast moves from one sampling of the same items to another, beside what its replicates say. COD redraws the
 * items too, and cross-fits: it says more, but not several times as much.
 */
it.each([
  ['last-value', 0.7, 1.4],
  ['exponential', 0.6, 1.6],
  ['linear-last-3', 0.7, 1.4],
  ['logit-linear', 0.7, 1.4],
  ['ensemble', 0.7, 1.4],
  ['cod', 0.7, 3.5],
  ['cod:raw', 0.7, 3.5],
])('replicates of %s spread as new samples do', (name, least, most) => {
  const method = forecasters.find((one) => one.name === name)!;
  const forecasts = datasets.map((ladder) => method.fit(ladder).predict(target));
  const spreads = datasets.slice(0, 8).map((ladder) => {
    const fitted = method.fit(ladder);
    const draws = drawReplicates(ladder, { count: 60, seed: 0, shock: 0 });
    return deviation(draws.map((draw) => fitted.replicate!(draw).predict(target)));
  });
  const ratio = spreads.reduce((sum, spread) => sum + spread, 0) / 8 / deviation(forecasts);
  expect(ratio).toBeGreaterThan(least);
  expect(ratio).toBeLessThan(most);
});

it('shocks move every method, the more the larger they are', () => {
  const ladder = datasets[0]!;
  for (const method of forecasters.filter(({ name }) => !name.startsWith('cod:'))) {
    if (method.missing?.(ladder, target) != null) continue;
    const fitted = method.fit(ladder);
    const [small, large] = [0.005, 0.03].map((shock) => {
      const draws = drawReplicates(ladder, { count: 40, seed: 0, shock });
      return deviation(draws.map((draw) => fitted.replicate!(draw).predict(target)));
    });
    expect(large, method.name).toBeGreaterThan(small!);
  }
});

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}
