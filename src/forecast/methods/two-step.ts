/** Forecasts through the task's loss: compute (or N and D) to loss, loss to accuracy. */
import type { FittedForecaster, Forecaster } from '../forecaster.ts';
import type { Ladder, Target } from '../ladder.ts';
import { fitLossToAccuracy, isConstant, type LossAccuracyParameters } from '../laws/index.ts';
import { clip, observe, perturb } from '../observations.ts';

export type TwoStepDefinition = Pick<Forecaster, 'name' | 'description' | 'minModels'> & {
  /** What the first step needs besides losses; null where it is there. */
  readonly missing?: (ladder: Ladder, target: Target) => string | null;
  /** The first step, fitted: the loss at a target. */
  readonly fitLoss: (ladder: Ladder, loss: Float64Array) => (target: Target) => number;
};

/**
 * A forecaster of two steps. Replicates draw the second one again, which dominates the error: with the true loss of the
 * target it was still off by 4 to 5 points on public ladders.
 */
export function twoStepForecaster(definition: TwoStepDefinition): Forecaster {
  const { name, description, minModels, missing, fitLoss } = definition;
  return {
    name,
    description,
    minModels,
    missing(ladder, target) {
      if (ladder.loss === null) return 'needs the task’s loss at every ladder model, in one unit';
      if (isConstant(ladder.loss)) return 'needs losses that differ between the models';
      return missing?.(ladder, target) ?? null;
    },
    fit(ladder) {
      const { loss } = ladder;
      if (loss === null) throw new TypeError(`${name}: expected losses`);
      const lossAt = fitLoss(ladder, loss);
      const { y, weights, chance } = observe(ladder);
      const secondStep = (accuracy: Float64Array, start?: LossAccuracyParameters) =>
        fitLossToAccuracy(
          { loss, y: accuracy, weights },
          { chance, guess: 'fixed', ...(start === undefined ? {} : { start }) },
        );
      const { parameters, predict } = secondStep(y);
      const forecast = (accuracyAt: (loss: number) => number): FittedForecaster => ({
        predict: (target) => clip(accuracyAt(lossAt(target))),
      });
      return {
        ...forecast(predict),
        replicate: (draw) => forecast(secondStep(perturb(ladder, draw), parameters).predict),
      };
    },
  };
}

/** Losses are measured about alike at every model. */
export function equalWeights({ models }: Ladder): Float64Array {
  return new Float64Array(models.length).fill(1);
}
