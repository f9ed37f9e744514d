import { expect, it } from 'vitest';
import { randomStream } from '../../stats/index.ts';
import { accuracyOfItems, type Ladder } from '../ladder.ts';
import { syntheticLadder } from '../testing/synthetic-ladder.ts';
import { irt } from './irt.ts';
import { abilityAt, fitItemResponse, meanProbability } from './item-response.ts';

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

it.each([0, 0.25])(
  'recovers difficulties, and abilities at the measured accuracies, chance %d',
  (chance) => {
    const { ladder, ability, difficulty } = simulated(chance);
    const fit = fitItemResponse(ladder);
    const abilities = Array.from(ladder.accuracy, (value) => abilityAt(fit, value));
    const thetas = abilities.map((one) => one.ability);
    expect(correlation(thetas, ability)).toBeGreaterThan(0.995);
    expect(correlation(fit.difficulty, difficulty)).toBeGreaterThan(0.95);
    thetas.forEach((theta, model) => {
      expect(meanProbability(fit, theta)).toBeCloseTo(ladder.accuracy[model]!, 9);
    });
  },
);

it.each([100, 4, 1])('forecasts without bias what it generates, n = %d', (samples) => {
  const errors = [0, 1, 2, 3, 4, 5].map((seed) => {
    const { ladder, truthAt } = linearAbility(samples, seed);
    const flops = ladder.models.at(-1)!.flops * 9;
    return irt.fit(ladder).predict({ flops, params: null, tokens: null }) - truthAt(6);
  });
  // Before abilities were read off the accuracies, n = 1 was 6 points too high.
  expect(Math.abs(errors.reduce((sum, error) => sum + error, 0) / errors.length)).toBeLessThan(
    0.015,
  );
});

/** Five models, ability linear in log compute; the truth some steps of three times the compute on. */
function linearAbility(
  samples: number,
  seed: number,
): { ladder: Ladder; truthAt: (step: number) => number } {
  const abilityOf = (step: number): number => -1.2 + 0.45 * step;
  const stream = randomStream('linear ability', samples, seed);
  const base = syntheticLadder({ models: 5, items: 300 });
  const shapes = Array.from({ length: 300 }, () => ({
    a: Math.exp(0.3 * stream.normal()),
    b: stream.normal(),
  }));
  const rate = ({ a, b }: { a: number; b: number }, step: number): number =>
    1 / (1 + Math.exp(-a * (abilityOf(step) - b)));
  const right = new Float64Array(1500);
  shapes.forEach((shape, item) => {
    for (let model = 0; model < 5; model += 1) {
      for (let draw = 0; draw < samples; draw += 1) {
        if (stream.uniform() < rate(shape, model)) right[item * 5 + model]! += 1;
      }
    }
  });
  const items = { ids: base.items!.ids, right, answers: new Float64Array(1500).fill(samples) };
  return {
    ladder: { ...base, items, ...accuracyOfItems(items, 5) },
    truthAt: (step) => shapes.reduce((sum, shape) => sum + rate(shape, step), 0) / 300,
  };
}

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
