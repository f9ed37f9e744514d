import { createHash } from 'node:crypto';
import { UserError } from '../../../error/index.ts';
import type { LogModel } from '../../importer.ts';
import { fieldIn, isObject, listIn, numberIn, textIn } from '../../log/fields.ts';
import { modelOf } from './model-name.ts';

/** What a log says of how its questions were asked and scored. */
export type LogSettings = {
  readonly task: string;
  readonly model: LogModel;
  readonly temperature: number | null;
  readonly topP: number | null;
  readonly seed: number | null;
  readonly maxTokens: number | null;
  readonly stop: readonly string[];
  readonly fewShot: number | null;
  readonly chatTemplate: string | null;
  /** Null where the log names none. */
  readonly reducers: readonly string[] | null;
  /** Names of a scorer's metrics; null where the log does not tell. */
  readonly metricsOf: (scorer: string) => readonly string[] | null;
};

/** @param members of the log, by their names: `eval`, `plan`. */
export function settingsOf(members: ReadonlyMap<string, unknown>, where: string): LogSettings {
  const spec = members.get('eval');
  const task = textIn(spec, 'task');
  const model = modelOf(spec);
  if (task === null || model === null) {
    const lacking = task === null ? 'task' : 'model';
    throw new UserError(`${where}: expected a text in \`eval.${lacking}\`, found none`);
  }
  const generation = generationOf(spec, members.get('plan'));
  const number = (key: string): number | null =>
    generation.map((config) => numberIn(config, key)).find((value) => value !== null) ?? null;
  const stops = generation.map((config) => listIn(config, 'stop_seqs')).find((one) => one !== null);
  return {
    task,
    model,
    temperature: isGreedy(spec) ? 0 : within(number('temperature'), (value) => value >= 0),
    topP: within(number('top_p'), (value) => value > 0 && value <= 1),
    seed: within(number('seed'), Number.isSafeInteger),
    maxTokens: within(number('max_tokens'), (value) => Number.isSafeInteger(value) && value > 0),
    stop: (stops ?? []).filter((one): one is string => typeof one === 'string' && one !== ''),
    fewShot: fewShotOf(fieldIn(spec, 'task_args')),
    chatTemplate: chatTemplateOf(fieldIn(spec, 'model_args')),
    reducers: reducersOf(fieldIn(spec, 'config')),
    metricsOf: metricsIn(listIn(spec, 'scorers') ?? []),
  };
}

/** Settings for the model, the one that decides first: of the call, of the task and run, of the model. */
function generationOf(spec: unknown, plan: unknown): unknown[] {
  const calls = (listIn(plan, 'steps') ?? []).filter(
    (step) => textIn(step, 'solver') === 'generate',
  );
  return [
    ...calls.map((step) => fieldIn(fieldIn(step, 'params'), 'kwargs')),
    ...calls.map((step) => fieldIn(step, 'params')),
    fieldIn(plan, 'config'),
    fieldIn(spec, 'model_generate_config'),
  ];
}

function isGreedy(spec: unknown): boolean {
  return fieldIn(fieldIn(spec, 'model_args'), 'do_sample') === false;
}

function within(value: number | null, holds: (value: number) => boolean): number | null {
  return value !== null && holds(value) ? value : null;
}

/** Arguments by which tasks ask for solved examples. */
const shotNames = ['fewshot', 'num_fewshot', 'few_shot', 'n_shot', 'num_shots', 'shots'];

function fewShotOf(args: unknown): number | null {
  for (const name of shotNames) {
    const value = fieldIn(args, name);
    if (value === false) return 0;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  }
  return null;
}

function chatTemplateOf(args: unknown): string | null {
  if (fieldIn(args, 'use_chat_template') === false) return 'none';
  const template = textIn(args, 'chat_template');
  return template === null ? null : createHash('sha256').update(template).digest('hex');
}

function reducersOf(config: unknown): string[] | null {
  const value = fieldIn(config, 'epochs_reducer');
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value)) return null;
  return (value as readonly unknown[]).filter((one) => typeof one === 'string');
}

function metricsIn(scorers: readonly unknown[]): LogSettings['metricsOf'] {
  const metrics = new Map(
    scorers.map((scorer) => [
      textIn(scorer, 'name') ?? '',
      metricNames(fieldIn(scorer, 'metrics')),
    ]),
  );
  return (scorer) => metrics.get(scorer) ?? null;
}

/** A list of metrics, or lists of them by the keys of the score; without the package that they are from. */
function metricNames(metrics: unknown): string[] | null {
  if (Array.isArray(metrics)) {
    return (metrics as readonly unknown[]).flatMap((metric) => {
      const name = textIn(metric, 'name');
      return name === null ? (metricNames(metric) ?? []) : [unqualified(name)];
    });
  }
  if (!isObject(metrics)) return null;
  return Object.values(metrics).flatMap((list) => metricNames(list) ?? []);
}

/** `inspect_ai/accuracy` is `accuracy`. */
export function unqualified(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}
