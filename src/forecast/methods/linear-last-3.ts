import type { Forecaster } from '../forecaster.ts';
import { curveForecaster } from './curve-forecaster.ts';
import { weightedLine } from './weighted-line.ts';

/** A straight line in log compute through the last three models. */
export const linearLast3: Forecaster = curveForecaster<never>({
  name: 'linear-last-3',
  description: 'a line in log compute through the three largest models',
  minModels: 2,
  fit: ({ x, y }) => {
    const line = weightedLine(x.slice(-3).map(Math.log), y.slice(-3), [1, 1, 1]);
    return { value: (at) => line(Math.log(at)) };
  },
});
