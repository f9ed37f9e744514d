import { UserError } from '../../../error/index.ts';
import {
  fieldIn,
  isObject,
  type JsonObject,
  listIn,
  objectIn,
  toNumber,
} from '../../log/fields.ts';
import { isPrediction } from './detect.ts';
import { metricsOf, type OlmoEvalMetric } from './run.ts';

export type Prediction = {
  readonly document: number;
  readonly native: unknown;
  /** What the harness made of the whole question. */
  readonly metrics: readonly OlmoEvalMetric[];
  /** One a sampled answer, or one a choice. */
  readonly outputs: readonly JsonObject[];
};

export function parsePrediction(value: unknown, where: string): Prediction {
  if (!isPrediction(value)) {
    throw new UserError(
      `${where}: expected a prediction of olmo-eval with \`doc_id\`, \`instance_metrics\` and \`model_output\``,
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
    metrics: metricsOf(fieldIn(value, 'instance_metrics')),
    outputs: (listIn(value, 'model_output') ?? []).filter(isObject),
  };
}

/**
 * The scores that a scorer gave each output, 0…1; null where one has none. Older runs have `{scorer: score}` instead of
 * `{scorer: {scorer: score}}`.
 */
export function sampleScores({ outputs }: Prediction, name: string): number[] | null {
  const scorer = name.slice(name.indexOf(':') + 1);
  const scores = outputs.map((output) => {
    const own = fieldIn(objectIn(output, 'sample_metrics'), scorer);
    const score = toNumber(isObject(own) ? fieldIn(own, scorer) : own);
    return score !== null && score >= 0 && score <= 1 ? score : null;
  });
  return scores.length > 0 && scores.every((score) => score !== null) ? scores : null;
}
