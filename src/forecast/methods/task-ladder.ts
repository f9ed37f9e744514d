import type { Forecaster } from '../forecaster.ts';
import type { Ladder } from '../ladder.ts';
import { fitLadderLoss, isConstant } from '../laws/index.ts';
import { equalWeights, twoStepForecaster } from './two-step.ts';

/**
 * Task ladder (arXiv 2412.04403): loss from parameters and tokens, accuracy from loss by a sigmoid. On a ladder whose
 * models share one of the two, loss goes with the other alone: what the target has more of the shared one changes nothing.
 */
export const taskLadder: Forecaster = twoStepForecaster({
  name: 'task-ladder',
  description: 'loss from parameters and tokens, loss to accuracy by a sigmoid',
  minModels: 5,
  missing(ladder, { params, tokens }) {
    const { models } = ladder;
    const lacking = models.find((model) => !isPositive(model.params) || !isPositive(model.tokens));
    if (lacking !== undefined) {
      return `needs parameters and tokens of every ladder model (${lacking.checkpoint} lacks them)`;
    }
    if (isConstant(sizesOf(ladder, 'params')) && isConstant(sizesOf(ladder, 'tokens'))) {
      return 'needs ladder models that differ in parameters or tokens';
    }
    return isPositive(params) && isPositive(tokens)
      ? null
      : 'needs the target’s parameters and tokens';
  },
  fitLoss(ladder, loss) {
    const [parameters, tokens] = [sizesOf(ladder, 'params'), sizesOf(ladder, 'tokens')];
    const fewest = { parameters: Math.min(...parameters), tokens: Math.min(...tokens) };
    const { predict } = fitLadderLoss({
      parameters: parameters.map((value) => value / fewest.parameters),
      tokens: tokens.map((value) => value / fewest.tokens),
      loss,
      weights: equalWeights(ladder),
    });
    return (target) =>
      predict({
        parameters: (target.params ?? fewest.parameters) / fewest.parameters,
        tokens: (target.tokens ?? fewest.tokens) / fewest.tokens,
      });
  },
});

function sizesOf({ models }: Ladder, field: 'params' | 'tokens'): Float64Array {
  return Float64Array.from(models, (model) => model[field] ?? 1);
}

function isPositive(value: number | null): boolean {
  return value !== null && value > 0;
}
