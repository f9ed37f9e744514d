import type { FittedForecaster, Forecaster } from '../forecaster.ts';
import { relativeCompute } from '../ladder.ts';
import { clip, defaultShock, perturb, samplingVariance } from '../observations.ts';
import { abilityAt, fitItemResponse, meanProbability } from './item-response.ts';
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
    const variance = samplingVariance(ladder);
    const forecast = (accuracy: Float64Array): FittedForecaster => {
      const abilities = Array.from(accuracy, (value) => abilityAt(model, value));
      // An accuracy is known to its sampling error and the model's own shock: its ability to that over the slope.
      const weights = abilities.map(
        ({ slope }, at) => slope ** 2 / (variance[at]! + defaultShock ** 2) + 1e-9,
      );
      const line = weightedLine(
        logCompute,
        abilities.map(({ ability }) => ability),
        weights,
      );
      return {
        predict: ({ flops }) => clip(meanProbability(model, line(Math.log(flops / smallest)))),
      };
    };
    return {
      ...forecast(ladder.accuracy),
      replicate: (draw) => forecast(perturb(ladder, draw)),
    };
  },
};
