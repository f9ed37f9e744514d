/**
 * Several answers to one question. `exact_match` is of the first of them; the answers taken out of all are in the log, so
 * that the plain comparison with the label can be made of each. Only `exact_match_simple` is that comparison in every
 * task, and a task may still prepare its labels in a way that the log does not show: hence the test by the first answers.
 */
import { textIn } from '../../log/fields.ts';
import { scoreOf } from '../../log/usable-metrics.ts';
import type { Prediction } from './prediction.ts';

const metric = 'exact_match_simple';

/** Whether the harness's own scores of first answers are the plain comparison with the label, right ones among them. */
export function comparesLabels(predictions: Iterable<Prediction>): boolean {
  let right = false;
  for (const prediction of predictions) {
    const value = scoreOf(prediction.scores.get(metric));
    const first = labelScores(prediction)?.[0];
    if (value === null || first === undefined || value !== first) return false;
    right ||= value === 1;
  }
  return right;
}

/** Each answer's score; null for another metric, or where an answer or the label is not in the log. */
export function answerScores(prediction: Prediction, of: string): number[] | null {
  if (of !== metric) return null;
  const scores = labelScores(prediction);
  return scores?.[0] === scoreOf(prediction.scores.get(metric)) ? scores : null;
}

function labelScores({ label, outputs }: Prediction): number[] | null {
  if (typeof label !== 'string' || outputs.length === 0) return null;
  const answers = outputs.map((output) => output['model_answer']);
  return answers.every((answer) => typeof answer === 'string')
    ? answers.map((answer) => Number(answer === label))
    : null;
}

/** The texts that were drawn; null where likelihoods of given texts were read. */
export function answersOf({ outputs }: Prediction): string[] | null {
  const texts = outputs.map((output) => output['continuation']);
  return texts.length > 0 && texts.every((text) => typeof text === 'string') ? texts : null;
}

export function extractedOf({ outputs }: Prediction, sample: number): string | null {
  return textIn(outputs[sample], 'model_answer');
}
