/** What a task's metrics say of it: `<task>-metrics.json`, or a line of `metrics-all.jsonl`. */
import { basename } from 'node:path';
import { UserError } from '../../../error/index.ts';
import type { LogModel } from '../../importer.ts';
import {
  fieldIn,
  isObject,
  type JsonObject,
  numberIn,
  objectIn,
  textIn,
  toNumber,
} from '../../log/fields.ts';
import { readJsonMembers } from '../../log/json-members.ts';
import { parseLogLine, readLogLines } from '../../log/log-lines.ts';
import { questionCount } from '../../log/task-measure.ts';

export type OlmesTask = {
  readonly name: string;
  readonly hash: string | null;
  /** Null where the log names none, as for a run that only built requests. */
  readonly model: LogModel | null;
  readonly questions: number | null;
  readonly fewShot: number | null;
  readonly chatTemplate: string | null;
  readonly primaryMetric: string | null;
  /** Settings of generation; null where the task has none. */
  readonly generation: JsonObject | null;
  /** Whether long prompts were cut when the requests were saved. */
  readonly requestsCut: boolean;
  readonly metrics: ReadonlyMap<string, number>;
};

/** By content: task, settings and metrics; a group of tasks has the same. */
export function isTaskMetrics(value: unknown): value is JsonObject {
  return (
    isObject(value) &&
    textIn(value, 'task_name') !== null &&
    objectIn(value, 'task_config') !== null &&
    objectIn(value, 'metrics') !== null
  );
}

export function taskOf(
  document: JsonObject,
  modelConfig: JsonObject | null = objectIn(document, 'model_config'),
): OlmesTask {
  const config = objectIn(document, 'task_config');
  // The alias tells formulations of one task apart, and is what the harness prints.
  const alias = textIn(objectIn(config, 'metadata'), 'alias') ?? textIn(document, 'alias');
  return {
    name: alias ?? textIn(document, 'task_name') ?? '',
    hash: textIn(document, 'task_hash'),
    model: modelOf(modelConfig),
    questions: questionCount(fieldIn(document, 'num_instances')),
    fewShot: wholeNumber(numberIn(config, 'num_shots')),
    chatTemplate: chatTemplateOf(config, modelConfig),
    primaryMetric: textIn(config, 'primary_metric'),
    generation: objectIn(config, 'generation_kwargs'),
    requestsCut:
      numberIn(objectIn(config, 'context_kwargs'), 'truncation_size_when_saved') !== null,
    metrics: metricsOf(objectIn(document, 'metrics')),
  };
}

/** A local path says more than the name that a run was given. */
function modelOf(config: JsonObject | null): LogModel | null {
  const path = textIn(config, 'model_path');
  if (path !== null) return { name: path, revision: null };
  const name = textIn(config, 'model');
  return name === null ? null : { name, revision: textIn(config, 'revision') };
}

/** The harness names its templates; of a tokenizer's own one it says nothing. */
function chatTemplateOf(task: JsonObject | null, model: JsonObject | null): string | null {
  const applied =
    fieldIn(task, 'use_chat_format') === true || fieldIn(model, 'chat_model') === true;
  return applied ? textIn(model, 'chat_template') : 'none';
}

/** Numbers only: further metrics lie in an object of their own and are none of right and wrong. */
function metricsOf(metrics: JsonObject | null): Map<string, number> {
  const found = new Map<string, number>();
  for (const [metric, given] of Object.entries(metrics ?? {})) {
    const value = typeof given === 'number' ? toNumber(given) : null;
    if (value !== null && metric !== '') found.set(metric, value);
  }
  return found;
}

function wholeNumber(value: number | null): number | null {
  return value !== null && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** @throws UserError for a file that is no task's metrics. */
export async function readTask(path: string): Promise<OlmesTask> {
  const document = await readDocument(path);
  if (isTaskMetrics(document)) return taskOf(document);
  throw new UserError(
    `\`${basename(path)}\`: expected metrics of a task as OLMES writes them (\`task_name\`, \`task_config\`, \`metrics\`), it has none`,
  );
}

/** A JSON object, whole. @throws UserError for what is none. */
export async function readDocument(path: string): Promise<JsonObject> {
  const document: Record<string, unknown> = {};
  for await (const { key, value } of readJsonMembers(path)) {
    if (key === null) {
      throw new UserError(`\`${basename(path)}\`: expected a JSON object, it is an array`);
    }
    document[key] = value;
  }
  return document;
}

/** The tasks of `metrics-all.jsonl`. @throws UserError naming the line that is none. */
export async function* readTasks(path: string): AsyncGenerator<OlmesTask> {
  const name = basename(path);
  for await (const lines of readLogLines(path)) {
    for (const line of lines) {
      const document = parseLogLine(name, line);
      if (!isTaskMetrics(document)) {
        throw new UserError(
          `\`${name}\`, line ${line.line}: expected metrics of a task (\`task_name\`, \`task_config\`, \`metrics\`)`,
        );
      }
      yield taskOf(document);
    }
  }
}
