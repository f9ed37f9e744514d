import type { Spread } from './accuracy-estimate.ts';
import { type LabelledQuestions, labelledOf } from './labelled-questions.ts';
import { average, spreadOf } from './moments.ts';
import { lambdas } from './power-tuning.ts';

/**
 * What labels of questions like these would have to average out: variances a question of the rates, and of what the
 * predictions leave of them at their best share (the slope of rates on predictions, cut to 0…1). Null below two labelled
 * questions.
 */
export function questionSpread(questions: LabelledQuestions): Spread | null {
  const labelled = labelledOf(questions);
  const { rates, predicted, noise } = labelled;
  const m = rates.length;
  if (m < 2) return null;
  const weights = new Float64Array(m).fill(1);
  const data = { ...labelled, weights, block: new Int32Array(m), variance: spreadOf(predicted) };
  const share = lambdas(data, 'plug-in')[0] ?? 0;
  const residuals = spreadOf(rates.map((rate, j) => rate - share * (predicted[j] ?? 0)));
  return { rates: spreadOf(rates), residuals, noise: average(noise) };
}
