import type { FittedForecaster, Forecaster } from '../forecaster.ts';
import { exponential } from './exponential.ts';
import { lastValue } from './last-value.ts';
import { linearLast3 } from './linear-last-3.ts';
import { logitLinear } from './logit-linear.ts';

/** One that never rises, one that saturates early, one straight, one that rises to the ceiling: their errors offset. */
const members: readonly Forecaster[] = [lastValue, exponential, linearLast3, logitLinear];

/** The plain mean of four methods; docs/forecasting.md has the table that chose them. */
export const ensemble: Forecaster = {
  name: 'ensemble',
  description: `the mean of ${members.map(({ name }) => name).join(', ')}`,
  minModels: 3,
  fit: (ladder, options) => averaged(members.map((member) => member.fit(ladder, options))),
};

function averaged(fitted: readonly FittedForecaster[]): FittedForecaster {
  return {
    predict: (target) =>
      fitted.reduce((sum, member) => sum + member.predict(target), 0) / fitted.length,
    replicate: (draw) => averaged(fitted.map((member) => member.replicate?.(draw) ?? member)),
  };
}
