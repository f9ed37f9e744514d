/** What a results file of lm-evaluation-harness says of its run. */
import { basename } from 'node:path';
import { UserError } from '../../../error/index.ts';
import type { LogModel } from '../../importer.ts';
import {
  fieldIn,
  isObject,
  type JsonObject,
  listIn,
  numberIn,
  objectIn,
  textIn,
  toNumber,
} from '../../log/fields.ts';
import { readJsonMembers } from '../../log/json-members.ts';
import { questionCount } from '../../log/task-measure.ts';
import { modelArguments, modelOf } from './model.ts';

/** A value that the harness wrote of a task or group. */
export type LmEvalResult = {
  readonly metric: string;
  /** Null in versions before 0.4, which have no filters. */
  readonly filter: string | null;
  readonly value: number;
  /** Questions, where the file tells. */
  readonly n: number | null;
};

export type LmEvalTask = {
  readonly results: readonly LmEvalResult[];
  /** Metrics, as the file names them, whose value is NaN. */
  readonly none: readonly string[];
  readonly fewShot: number | null;
  /** The task's settings; null for a group, and in versions before 0.4. */
  readonly config: JsonObject | null;
};

export type LmEvalRun = {
  /** Of the file, for messages. */
  readonly name: string;
  readonly model: LogModel;
  readonly params: number | null;
  readonly chatTemplate: string | null;
  /** Of sampling. */
  readonly seed: number | null;
  /** Tasks and groups, in the order of the file. */
  readonly tasks: ReadonlyMap<string, LmEvalTask>;
};

/** @throws UserError for a file that is no results file of this harness. */
export async function readRun(path: string): Promise<LmEvalRun> {
  const name = basename(path);
  const document: Record<string, unknown> = {};
  for await (const { key, value } of readJsonMembers(path)) {
    if (key === null) throw noResults(name);
    document[key] = value;
  }
  const config = objectIn(document, 'config');
  const model = modelOf(config);
  if (!isResults(document) || model === null) throw noResults(name);
  return {
    name,
    model,
    params: questionCount(numberIn(config, 'model_num_parameters')),
    chatTemplate: chatTemplateOf(document),
    seed: seedOf(config),
    tasks: tasksOf(document),
  };
}

/** By content: `results` of tasks beside their versions and the settings of the run. */
export function isResults(document: JsonObject): boolean {
  const results = objectIn(document, 'results');
  return (
    results !== null &&
    Object.values(results).every(isObject) &&
    objectIn(document, 'versions') !== null &&
    textIn(objectIn(document, 'config'), 'model') !== null &&
    !Object.hasOwn(document, 'config_general')
  );
}

function noResults(name: string): UserError {
  return new UserError(
    `\`${name}\`: expected results of lm-evaluation-harness (\`results\`, \`versions\`, \`config.model\`), it has none`,
  );
}

function tasksOf(document: JsonObject): Map<string, LmEvalTask> {
  const all = { ...objectIn(document, 'groups'), ...objectIn(document, 'results') };
  const filtered = Object.values(all).some(
    (task) => isObject(task) && Object.keys(task).some((key) => key.includes(',')),
  );
  const tasks = new Map<string, LmEvalTask>();
  for (const [name, values] of Object.entries(all)) {
    if (!isObject(values) || name === '') continue;
    const config = objectIn(objectIn(document, 'configs'), name);
    tasks.set(name, {
      results: resultsOf(values, { filtered, count: countOf(document, name, values) }),
      none: Object.keys(values).filter((key) => values[key] === null && isMetric(key)),
      fewShot: fewShotOf(document, name, config),
      config,
    });
  }
  return tasks;
}

function resultsOf(
  values: JsonObject,
  { filtered, count }: { filtered: boolean; count: (key: string) => number | null },
): LmEvalResult[] {
  const found: LmEvalResult[] = [];
  for (const [key, given] of Object.entries(values)) {
    const comma = key.indexOf(',');
    const metric = comma === -1 ? key : key.slice(0, comma);
    const value = typeof given === 'number' ? toNumber(given) : null;
    if (value === null || filtered !== comma > 0 || metric === '') continue;
    if (!isMetric(key)) continue;
    const filter = comma === -1 ? null : key.slice(comma + 1);
    found.push({ metric, filter, value, n: count(key) });
  }
  return found;
}

const notMetrics = new Set(['samples', 'sample_len', 'alias', 'name']);

function isMetric(key: string): boolean {
  return !notMetrics.has(key) && !/_stderr(?:,|$)/.test(key);
}

/** Of how many questions a value is: a group says it for each of its metrics. */
function countOf(
  document: JsonObject,
  task: string,
  values: JsonObject,
): (key: string) => number | null {
  const effective = fieldIn(objectIn(objectIn(document, 'n-samples'), task), 'effective');
  const whole = questionCount(effective) ?? questionCount(fieldIn(values, 'sample_len'));
  const each = objectIn(values, 'sample_count');
  return (key) => questionCount(fieldIn(each, key)) ?? whole;
}

function fewShotOf(document: JsonObject, task: string, config: JsonObject | null): number | null {
  const told =
    numberIn(objectIn(document, 'n-shot'), task) ??
    numberIn(config, 'num_fewshot') ??
    numberIn(objectIn(document, 'config'), 'num_fewshot');
  return told !== null && Number.isSafeInteger(told) && told >= 0 ? told : null;
}

function chatTemplateOf(document: JsonObject): string | null {
  const sha = textIn(document, 'chat_template_sha');
  if (sha !== null && sha.length <= 128) return sha;
  // An empty one is applied by a server that keeps it to itself.
  return Object.hasOwn(document, 'chat_template') && document['chat_template'] === null
    ? 'none'
    : null;
}

function seedOf(config: unknown): number | null {
  const seed = toNumber(modelArguments(config).get('seed')) ?? numberIn(config, 'torch_seed');
  return seed !== null && Number.isSafeInteger(seed) ? seed : null;
}

/** Names of the filters of a task, in the order in which the rows of one question come. */
export function filtersOf({ results, config }: LmEvalTask): string[] {
  const own = listIn(config, 'filter_list')?.map((filter) => textIn(filter, 'name') ?? '') ?? [];
  if (own.length > 0 && own.every((name) => name !== '')) return own;
  return [...new Set(results.flatMap(({ filter }) => (filter === null ? [] : [filter])))];
}
