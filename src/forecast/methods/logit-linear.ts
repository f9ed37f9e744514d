import type { Forecaster } from '../forecaster.ts';
import { curveForecaster } from './curve-forecaster.ts';
import { weightedLine } from './weighted-line.ts';

/** The share above chance is held this far from 0 and 1, where its logit is infinite. */
const margin = 0.005;

/**
 * A straight line in log compute through the logit of the share above chance, z = (y − g) / (1 − g). Weights are those of
 * the accuracies carried over to the logit, (z (1 − z) (1 − g))² / variance.
 */
export const logitLinear: Forecaster = curveForecaster<never>({
  name: 'logit-linear',
  description: 'a line in log compute through the logit of the accuracy above chance',
  minModels: 2,
  fit: ({ x, y, weights, chance }) => {
    const room = Math.max(1 - chance, margin);
    const share = y.map((value) => Math.min(1 - margin, Math.max(margin, (value - chance) / room)));
    const line = weightedLine(
      x.map(Math.log),
      share.map((z) => Math.log(z / (1 - z))),
      share.map((z, model) => (z * (1 - z) * room) ** 2 * weights[model]!),
    );
    return { value: (at) => chance + room / (1 + Math.exp(-line(Math.log(at)))) };
  },
});
