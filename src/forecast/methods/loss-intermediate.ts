import type { Forecaster } from '../forecaster.ts';
import { relativeCompute } from '../ladder.ts';
import { fitLossLaw, isConstant } from '../laws/index.ts';
import { equalWeights, twoStepForecaster } from './two-step.ts';

/** FLOPs → task loss by a power law with a floor → accuracy by a sigmoid. */
export const lossIntermediate: Forecaster = twoStepForecaster({
  name: 'loss-intermediate',
  description: 'compute to task loss by a power law, loss to accuracy by a sigmoid',
  minModels: 4,
  missing: (ladder) =>
    isConstant(relativeCompute(ladder)) ? 'needs ladder models that differ in compute' : null,
  fitLoss(ladder, loss) {
    const x = relativeCompute(ladder);
    const { predict } = fitLossLaw({ x, y: loss, weights: equalWeights(ladder) });
    const smallest = ladder.models[0]?.flops ?? 1;
    return ({ flops }) => predict(Math.log(flops / smallest));
  },
});
