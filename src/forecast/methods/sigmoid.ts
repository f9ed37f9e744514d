import type { Forecaster } from '../forecaster.ts';
import { fitSigmoid, type SigmoidParameters, weakSigmoidPrior } from '../laws/index.ts';
import { curveForecaster, overLogCompute } from './curve-forecaster.ts';

/** A sigmoid in log compute from chance up to a free ceiling, weak priors. */
export const sigmoid: Forecaster = curveForecaster<SigmoidParameters>({
  name: 'sigmoid',
  description: 'a sigmoid in log compute from chance to a free ceiling, weak priors',
  minModels: 3,
  fit: ({ x, y, weights, chance }, start) =>
    overLogCompute(
      fitSigmoid(
        { axis: x.map(Math.log), y, weights },
        {
          chance,
          guess: 'fixed',
          prior: weakSigmoidPrior(chance),
          ...(start === undefined ? {} : { start }),
        },
      ),
    ),
});
