import type { Forecaster } from '../forecaster.ts';
import { fitLogAccuracyLaw, type LogAccuracyParameters } from '../laws/index.ts';
import { curveForecaster, overLogCompute } from './curve-forecaster.ts';

/** A power law on log accuracy, −ln z = A x^−α for the share above chance z (arXiv 2512.08894). */
export const logAccuracy: Forecaster = curveForecaster<LogAccuracyParameters>({
  name: 'log-accuracy',
  description: 'a power law on the logarithm of the accuracy above chance',
  minModels: 3,
  fit: ({ chance, ...points }, start) =>
    overLogCompute(
      fitLogAccuracyLaw(points, { chance, ...(start === undefined ? {} : { start }) }),
    ),
});
