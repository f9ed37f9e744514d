import type { Forecaster } from '../forecaster.ts';
import { fitExponentialLaw, type LawFit } from '../laws/index.ts';
import { curveForecaster } from './curve-forecaster.ts';
import { lawCurve } from './exponential.ts';

/** The paper's end-to-end baseline: all four parameters free on the mean pass rate, no priors. */
export const passRate: Forecaster = curveForecaster<LawFit['parameters']>({
  name: 'pass-rate',
  description: 'the exponential law on the mean pass rate, all four parameters free, no priors',
  minModels: 4,
  missing: ({ variance }) => (variance === null ? 'needs counts of right answers' : null),
  fit: ({ x, y, weights, chance }, start) =>
    lawCurve(
      fitExponentialLaw(
        { x, y, weights },
        { chance, guess: 'free', ...(start === undefined ? {} : { start }) },
      ),
    ),
});
