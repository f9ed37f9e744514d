import type { Forecaster } from '../forecaster.ts';
import { type BrokenLawParameters, fitBrokenLaw } from '../laws/index.ts';
import { curveForecaster, overLogCompute } from './curve-forecaster.ts';

/** A broken neural scaling law with one break on the error (arXiv 2210.14891). */
export const bnsl: Forecaster = curveForecaster<BrokenLawParameters>({
  name: 'bnsl',
  description: 'a broken neural scaling law with one break on the error',
  minModels: 4,
  fit: (points, start) =>
    overLogCompute(fitBrokenLaw(points, start === undefined ? {} : { start })),
});
