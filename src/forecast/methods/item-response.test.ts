import { expect, it } from 'vitest';
import { randomStream } from '../../stats/index.ts';
import { accuracyOfItems, type Ladder } from '../ladder.ts';
import { syntheticLadder } from '../testing/synthetic-ladder.ts';
import { fitItemResponse, meanProbability } from './item-response.ts';

/** Answers drawn from a two-parameter model with a guess. */
function simulated(chance: number): {
  ladder: Ladder;
  ability: number[];
  difficulty: Float64Array;
} {
  const ability = [-1.5, -0.5, 0, 0.8, 1.6];
  const stream = randomStream('item response', String(chance));
  const base = syntheticLadder({ models: 5, items: 300, chance });
  const difficulty = Float64Array.from({ length: 300 }, () => stream.normal());
  const right = new Float64Array(1500);
  for (let item = 0; item < 300; item += 1) {
    const discrimination = Math.exp(0.3 * stream.normal());
    ability.forEach((theta, model) => {
      const s = 1 / (1 + Math.exp(-discrimination * (theta - difficulty[item]!)));
      for (let draw = 0; draw < 100; draw += 1) {
        if (stream.uniform() < chance + (1 - chance) * s) right[item * 5 + model]! += 1;
      }
    });
  }
  const items = { ids: base.items!.ids, right, answers: new Float64Array(1500).fill(100) };
  return { ladder: { ...base, items, ...accuracyOfItems(items, 5) }, ability, difficulty };
}

it.each([0, 0.25])('recovers abilities and difficulties up to scale, chance %d', (chance) => {
  const { ladder, ability, difficulty } = simulated(chance);
  const fit = fitItemResponse(ladder);
  expect(correlation(fit.ability, ability)).toBeGreaterThan(0.995);
  expect(correlation(fit.difficulty, difficulty)).toBeGreaterThan(0.95);
  ladder.accuracy.forEach((accuracy, model) => {
    expect(meanProbability(fit, fit.ability[model]!)).toBeCloseTo(accuracy, 1.7);
  });
});

it('tells how accuracy moves with ability', () => {
  const fit = fitItemResponse(simulated(0).ladder);
  const step = 1e-4;
  fit.ability.forEach((ability, model) => {
    const difference = meanProbability(fit, ability + step) - meanProbability(fit, ability - step);
    expect(fit.slope[model]).toBeCloseTo(difference / (2 * step), 5);
  });
});

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const count = a.length;
  const [meanA, meanB] = [a, b].map((values) => Array.from(values).reduce((x, y) => x + y) / count);
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < count; i += 1) {
    ab += (a[i]! - meanA!) * (b[i]! - meanB!);
    aa += (a[i]! - meanA!) ** 2;
    bb += (b[i]! - meanB!) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}
