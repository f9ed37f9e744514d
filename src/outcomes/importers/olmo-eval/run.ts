/** What `metrics.json` of an olmo-eval run says. */
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

export type OlmoEvalMetric = {
  readonly metric: string;
  /** `<metric>:<scorer>`, as the harness writes a metric's name. */
  readonly name: string;
  readonly value: number;
};

export type OlmoEvalTask = {
  /** With its variant: `arc_challenge:mc`; of a suite its own. */
  readonly name: string;
  readonly hash: string | null;
  /** The model as the run's folders name it; null in runs of one model. */
  readonly modelName: string | null;
  readonly model: LogModel | null;
  readonly questions: number | null;
  readonly fewShot: number | null;
  readonly primaryMetric: string | null;
  readonly sampling: JsonObject | null;
  readonly metrics: readonly OlmoEvalMetric[];
};

/** By content: its tasks, beside a summary of them. */
export function isRun(document: JsonObject): boolean {
  const tasks = listIn(document, 'tasks');
  return (
    tasks !== null &&
    objectIn(document, 'summary') !== null &&
    objectIn(document, 'config') !== null &&
    tasks.every((task) => textIn(task, 'task') !== null && objectIn(task, 'metrics') !== null)
  );
}

/** Tasks and suites of a run. @throws UserError for a file that is no run. */
export async function readRun(path: string): Promise<OlmoEvalTask[]> {
  const document = await readDocument(path);
  if (document === null || !isRun(document)) {
    throw new UserError(
      `\`${basename(path)}\`: expected metrics of olmo-eval (\`config\`, \`tasks\` with \`task\` and \`metrics\`, \`summary\`), it has none`,
    );
  }
  const config = objectIn(document, 'config');
  const tasks = (listIn(document, 'tasks') ?? [])
    .filter(isObject)
    .map((task) => taskOf(task, config));
  return [...tasks, ...suitesOf(document, tasks)];
}

/** A JSON object, whole; null for an array. @throws UserError for what is no JSON. */
export async function readDocument(path: string): Promise<JsonObject | null> {
  const document: Record<string, unknown> = {};
  for await (const { key, value } of readJsonMembers(path)) {
    if (key === null) return null;
    document[key] = value;
  }
  return document;
}

function taskOf(task: JsonObject, config: JsonObject | null): OlmoEvalTask {
  const modelName = textIn(task, 'model');
  const settings = objectIn(task, 'config');
  const fewShot = numberIn(settings, 'num_fewshot');
  return {
    name: textIn(task, 'task') ?? '',
    hash: textIn(task, 'task_hash'),
    modelName,
    model: modelOf(config, modelName),
    questions: questionCount(fieldIn(task, 'num_instances')),
    fewShot: fewShot !== null && Number.isSafeInteger(fewShot) && fewShot >= 0 ? fewShot : null,
    primaryMetric: textIn(task, 'primary_metric'),
    sampling: objectIn(settings, 'sampling_params'),
    metrics: metricsOf(objectIn(task, 'metrics')),
  };
}

/** A harness's provider, or the model itself in older runs; one of several by its name. */
function modelOf(config: JsonObject | null, modelName: string | null): LogModel | null {
  const several = objectIn(config, 'models');
  const own = modelName === null ? null : objectIn(several, modelName);
  const said = own ?? objectIn(config, 'provider') ?? config;
  const name = textIn(said, 'model') ?? modelName;
  return name === null ? null : { name, revision: textIn(said, 'revision') };
}

/** `{metric: {scorer: value}}`; `{metric: value}` in older runs. */
export function metricsOf(metrics: unknown): OlmoEvalMetric[] {
  const found: OlmoEvalMetric[] = [];
  for (const [metric, given] of Object.entries(isObject(metrics) ? metrics : {})) {
    const scorers = isObject(given) ? Object.entries(given) : [[metric, given] as const];
    for (const [scorer, written] of scorers) {
      const value = typeof written === 'number' ? toNumber(written) : null;
      if (value !== null) found.push({ metric, name: `${metric}:${scorer}`, value });
    }
  }
  return found;
}

/** Suites stand in the summary alone, with their primary metric; runs of several models have a summary for each. */
function suitesOf(document: JsonObject, tasks: readonly OlmoEvalTask[]): OlmoEvalTask[] {
  const summary = objectIn(document, 'summary');
  const config = objectIn(document, 'config');
  const several = objectIn(config, 'models');
  const summaries: [string | null, JsonObject | null][] =
    several === null
      ? [[null, summary]]
      : Object.keys(several).map((model) => [model, objectIn(summary, model)]);
  const known = new Set(tasks.map(({ name, modelName }) => `${modelName ?? ''}\n${name}`));
  return summaries.flatMap(([modelName, all]) =>
    Object.entries(all ?? {}).flatMap(([name, entry]) => {
      const metric = textIn(entry, 'metric');
      const value = numberIn(entry, 'score');
      if (metric === null || value === null || name === '') return [];
      if (known.has(`${modelName ?? ''}\n${name}`)) return [];
      const plain = metric.split(':')[0] ?? metric;
      return [
        {
          ...{ name, hash: null, modelName, model: modelOf(config, modelName), questions: null },
          ...{ fewShot: null, primaryMetric: metric, sampling: null },
          metrics: [{ metric: plain, name: metric, value }],
        },
      ];
    }),
  );
}
