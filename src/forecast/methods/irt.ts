import type { FittedForecaster, Forecaster } from '../forecaster.ts';
import { relativeCompute } from '../ladder.ts';
import { clip, perturb } from '../observations.ts';
import { fitItemResponse, type ItemResponse, meanProbability } from './item-response.ts';
import { weightedLine } from './weighted-line.ts';

/** Item difficulties from the ladder, a model's ability extrapolated as a line in log compute. */
export const irt: Forecaster = {
  name: 'irt',
  description: 'two-parameter item response model, ability linear in log compute',
  minModels: 3,
  missing: ({ items }) => (items === null ? 'needs outcomes per item' : null),
  fit(ladder) {
    const model = fitItemResponse(ladder);
    const logCompute = relativeCompute(ladder).map(Math.log);
    const smallest = ladder.models[0]?.flops ?? 1;
    const forecast = (ability: Float64Array): FittedForecaster => {
      const line = weightedLine(logCompute, ability, model.information);
      return {
        predict: ({ flops }) => clip(meanProbability(model, line(Math.log(flops / smallest)))),
      };
    };
    return {
      ...forecast(model.ability),
      replicate: (draw) => forecast(shiftAbility(model, ladder.accuracy, perturb(ladder, draw))),
    };
  },
};

/** The largest step of an ability in a replicate: where accuracy hardly depends on it, a shock says nothing of it. */
const largestShift = 1;

/** Abilities that would give the perturbed accuracies, to first order. */
function shiftAbility(
  model: ItemResponse,
  accuracy: Float64Array,
  perturbed: Float64Array,
): Float64Array {
  return model.ability.map((ability, index) => {
    const step = (perturbed[index]! - accuracy[index]!) / Math.max(model.slope[index]!, 1e-6);
    return ability + Math.max(-largestShift, Math.min(largestShift, step));
  });
}
