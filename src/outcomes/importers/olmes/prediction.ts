import { UserError } from '../../../error/index.ts';
import { fieldIn, isObject, type JsonObject, listIn, textIn } from '../../log/fields.ts';
import type { RowScores } from '../../log/usable-metrics.ts';
import { isPrediction } from './detect.ts';

export type Prediction = {
  readonly document: number;
  readonly native: unknown;
  readonly label: unknown;
  readonly scores: RowScores;
  /** One a choice, or one a repeat. */
  readonly outputs: readonly JsonObject[];
  readonly taskHash: string | null;
};

/** Fields of a row's metrics that are no measure of it. */
const notMetrics =
  /^(?:predicted_index_\w+|correct_choice|no_answer|model_answer|num_\w+|price|max_tokens_reached|voted_ans_\w+|answer_format_correct)$/;

/** @param told the metrics of the whole task, where its metrics file names them. */
export function parsePrediction(
  value: unknown,
  where: string,
  told: ReadonlyMap<string, number> | null,
): Prediction {
  if (!isPrediction(value)) {
    throw new UserError(
      `${where}: expected a prediction of OLMES with \`doc_id\`, \`metrics\` and \`model_output\``,
    );
  }
  const document = value['doc_id'];
  if (typeof document !== 'number' || !Number.isSafeInteger(document)) {
    throw new UserError(
      `${where}: expected \`doc_id\` to be a whole number, got ${JSON.stringify(document)}`,
    );
  }
  return {
    document,
    native: fieldIn(value, 'native_id'),
    label: fieldIn(value, 'label'),
    scores: scoresOf(fieldIn(value, 'metrics'), told),
    outputs: (listIn(value, 'model_output') ?? []).filter(isObject),
    taskHash: textIn(value, 'task_hash'),
  };
}

function scoresOf(
  metrics: unknown,
  told: ReadonlyMap<string, number> | null,
): Map<string, unknown> {
  const scores = new Map<string, unknown>();
  if (!isObject(metrics)) return scores;
  for (const metric of Object.keys(metrics)) {
    const isMetric = told === null ? !notMetrics.test(metric) : told.has(metric);
    if (isMetric && metric !== '') scores.set(metric, metrics[metric]);
  }
  return scores;
}
