import type { Forecaster } from '../forecaster.ts';
import { perturb } from '../observations.ts';

/** The accuracy of the largest ladder model: what a user has for free. */
export const lastValue: Forecaster = {
  name: 'last-value',
  description: 'the accuracy of the largest ladder model',
  minModels: 1,
  fit(ladder) {
    const constant = (accuracy: number) => ({ predict: () => accuracy });
    return {
      ...constant(ladder.accuracy.at(-1) ?? 0),
      replicate: (draw) => constant(perturb(ladder, draw).at(-1) ?? 0),
    };
  },
};
