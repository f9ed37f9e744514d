/** The JSON with the results of one run of a model. */
import { basename } from 'node:path';
import { UserError } from '../../../error/index.ts';
import { fieldsIn, isOurs } from '../../every-eval-ever/details.ts';
import {
  fieldIn,
  isObject,
  type JsonObject,
  numberIn,
  objectIn,
  textIn,
} from '../../log/fields.ts';
import { readJsonMembers } from '../../log/json-members.ts';
import type { OutcomeRecord } from '../../record.ts';

export type AggregateResult = {
  readonly id: string | null;
  readonly task: string;
  /** The metric, or the result's id where a task has the same metric twice. */
  readonly label: string;
  /** As a record's filter: null where Sonde wrote that there is none. */
  readonly filter: string | null;
  readonly lowerIsBetter: boolean;
  /** Right or wrong for one sample. */
  readonly binary: boolean;
  /** 100 where scores are percentages. */
  readonly scale: number;
  readonly score: number | null;
  /** Questions behind the score. */
  readonly questions: number | null;
  readonly temperature: number | null;
  readonly topP: number | null;
  readonly fewShot: number | null;
  /** The record of a whole task as Sonde wrote it down. */
  readonly own: Partial<OutcomeRecord> | null;
  /** Sonde took the mean of the samples' rows. */
  readonly isMean: boolean;
  /** Told where Sonde wrote the document. */
  readonly chatTemplate: string | null;
  /** Named where Sonde wrote the document. */
  readonly suite: string | null;
};

export type Aggregate = {
  readonly name: string;
  readonly evaluationId: string | null;
  readonly model: JsonObject | null;
  readonly results: readonly AggregateResult[];
  /** The name of the file with its samples; null where it names none. */
  readonly samples: string | null;
};

/** @throws UserError naming the result for what is damaged or lacks what the schema asks for. */
export async function readAggregate(path: string): Promise<Aggregate> {
  const name = basename(path);
  let evaluationId: string | null = null;
  let model: JsonObject | null = null;
  let samples: string | null = null;
  const results: AggregateResult[] = [];
  for await (const { key, index, value } of readJsonMembers(path, {
    into: ['evaluation_results'],
  })) {
    if (key === 'evaluation_id' && typeof value === 'string') evaluationId = value;
    if (key === 'model_info' && isObject(value)) model = value;
    if (key === 'detailed_evaluation_results') samples = textIn(value, 'file_path');
    if (key === 'evaluation_results' && index !== null) {
      results.push(toResult(value, `\`${name}\`, evaluation_results ${index + 1}`));
    }
  }
  return { name, evaluationId, model, results: distinct(results), samples };
}

function toResult(value: unknown, where: string): AggregateResult {
  const task = textIn(value, 'evaluation_name');
  const details = objectIn(value, 'score_details');
  if (task === null || details === null) {
    const missing = task === null ? 'evaluation_name' : 'score_details';
    throw new UserError(`${where}: expected \`${missing}\`, found none`);
  }
  const metric = objectIn(value, 'metric_config');
  const own = objectIn(details, 'details') ?? {};
  const generation = objectIn(value, 'generation_config');
  const args = objectIn(generation, 'generation_args');
  const few = numberIn(objectIn(generation, 'additional_details'), 'num_fewshot');
  const temperature = numberIn(args, 'temperature');
  const topP = numberIn(args, 'top_p');
  const questions = numberIn(objectIn(details, 'uncertainty'), 'num_samples');
  const ours = isOurs(own);
  const label = metricLabel(metric);
  const isNamed = textIn(metric, 'metric_name') !== null;
  return {
    id: textIn(value, 'evaluation_result_id'),
    task,
    label,
    filter: ours && !isNamed ? null : label,
    own: ours && textIn(own, 'kind') !== null ? fieldsIn(own) : null,
    isMean: ours && Number(textIn(own, 'items') ?? 0) > 0,
    lowerIsBetter: fieldIn(metric, 'lower_is_better') === true,
    binary: textIn(metric, 'score_type') === 'binary',
    scale: isPercent(metric) ? 100 : 1,
    score: numberIn(details, 'score'),
    questions:
      questions !== null && Number.isSafeInteger(questions) && questions > 0 ? questions : null,
    temperature: temperature !== null && temperature >= 0 ? temperature : null,
    topP: topP !== null && topP > 0 && topP <= 1 ? topP : null,
    suite: ours ? textIn(own, 'suite') : null,
    chatTemplate: ours ? textIn(own, 'chat_template') : null,
    fewShot: few !== null && Number.isSafeInteger(few) && few >= 0 ? few : null,
  };
}

/** `exact_match,strict-match`; a description is taken where it is no sentence. */
function metricLabel(metric: JsonObject | null): string {
  const named = textIn(metric, 'metric_name') ?? textIn(metric, 'metric_id');
  if (named !== null) return named;
  const described = textIn(metric, 'evaluation_description') ?? '';
  const filtered = /^(\S+) \(filter: (\S+)\)$/.exec(described);
  if (filtered !== null) return `${filtered[1] ?? ''},${filtered[2] ?? ''}`;
  return /^[^\s]{1,80}$/.test(described) ? described : 'score';
}

function isPercent(metric: JsonObject | null): boolean {
  if (/^(?:percent|percentage|%)$/i.test(textIn(metric, 'metric_unit') ?? '')) return true;
  return numberIn(metric, 'min_score') === 0 && numberIn(metric, 'max_score') === 100;
}

/** A metric that a task has twice (of two splits) goes by the result's id; what Sonde wrote is told apart by other fields. */
function distinct(results: readonly AggregateResult[]): AggregateResult[] {
  const count = new Map<string, number>();
  const keyOf = ({ task, label }: AggregateResult): string => `${task}\n${label}`;
  for (const result of results) count.set(keyOf(result), (count.get(keyOf(result)) ?? 0) + 1);
  return results.map((result, index) => {
    if (count.get(keyOf(result)) === 1 || result.own !== null || result.isMean) return result;
    const label = result.id ?? `${result.label},${index + 1}`;
    return { ...result, label, filter: label };
  });
}

/** The result that a sample belongs to: by its id, else the only one of its task. */
export function resultOf(
  aggregate: Aggregate | null,
  { id, task }: { id: string | null; task: string },
): AggregateResult | null {
  const results = aggregate?.results ?? [];
  if (id !== null) {
    const named = results.filter((result) => result.id === id);
    if (named.length === 1) return named[0] ?? null;
    const both = named.filter((result) => result.task === task);
    if (both.length === 1) return both[0] ?? null;
  }
  const own = results.filter((result) => result.task === task);
  return own.length === 1 ? (own[0] ?? null) : null;
}
