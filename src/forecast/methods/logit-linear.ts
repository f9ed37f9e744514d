import type { Forecaster } from '../forecaster.ts';
import { chanceLogit, fromChanceLogit } from './chance-logit.ts';
import { curveForecaster } from './curve-forecaster.ts';
import { weightedLine } from './weighted-line.ts';

/**
 * A straight line in log compute through the logit of the share above chance. Weights are those of the accuracies carried
 * over to the logit.
 */
export const logitLinear: Forecaster = curveForecaster<never>({
  name: 'logit-linear',
  description: 'a line in log compute through the logit of the accuracy above chance',
  minModels: 2,
  fit: ({ x, y, weights, chance }) => {
    const points = Array.from(y, (accuracy) => chanceLogit(accuracy, chance));
    const line = weightedLine(
      x.map(Math.log),
      points.map(({ logit }) => logit),
      points.map(({ slope }, model) => slope ** 2 * weights[model]!),
    );
    return { value: (at) => fromChanceLogit(line(Math.log(at)), chance) };
  },
});
