import type { Forecaster } from '../forecaster.ts';
import {
  evaluateLaw,
  fitExponentialLaw,
  type LawFit,
  lawGradient,
  quadraticForm,
  weakLawPrior,
} from '../laws/index.ts';
import { curveForecaster, type FittedCurve } from './curve-forecaster.ts';

/** y = g + (1 − g) exp(−a x^−b − c) end to end, g at chance, weak priors on the shape. */
export const exponential: Forecaster = curveForecaster<LawFit['parameters']>({
  name: 'exponential',
  description: 'the exponential law on the accuracy, guess level at chance, weak priors',
  minModels: 3,
  fit: ({ x, y, weights, chance }, start) =>
    lawCurve(
      fitExponentialLaw(
        { x, y, weights },
        {
          chance,
          guess: 'fixed',
          prior: weakLawPrior(chance),
          ...(start === undefined ? {} : { start }),
        },
      ),
    ),
});

/** A fitted law as a curve, with the standard error of its parameters where the data determine them. */
export function lawCurve({ parameters, covariance }: LawFit): FittedCurve<LawFit['parameters']> {
  return {
    start: parameters,
    value: (x) => evaluateLaw(parameters, x),
    ...(covariance === null
      ? {}
      : { standardError: (x) => quadraticForm(covariance, lawGradient(parameters, x)) }),
  };
}
