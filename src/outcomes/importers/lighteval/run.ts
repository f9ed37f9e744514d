/** The results file of a lighteval run, and what it says of the tasks. */
import { basename } from 'node:path';
import { UserError } from '../../../error/index.ts';
import {
  fieldIn,
  isObject,
  type JsonObject,
  numberIn,
  objectIn,
  textIn,
} from '../../log/fields.ts';
import { readJsonMembers } from '../../log/json-members.ts';
import { parseJson } from '../../log/parse-json.ts';
import type { LogModel } from '../../importer.ts';
import type { Table } from '../../table.ts';
import { configNames } from './task-name.ts';

export type Sampling = {
  readonly temperature: number | null;
  readonly topP: number | null;
  readonly seed: number | null;
};

export type LightevalRun = {
  /** Of the file, for messages. */
  readonly name: string;
  readonly model: LogModel | null;
  readonly sampling: Sampling;
  /** `none` where the run says that it applied no template. */
  readonly chatTemplate: string | null;
  /** By task, then metric. */
  readonly results: JsonObject;
  readonly configs: JsonObject;
};

const members = ['config_general', 'results', 'config_tasks'] as const;
type Members = Partial<Record<(typeof members)[number], unknown>>;

/** @throws UserError for a file that is damaged, or holds no results by task. */
export async function readRun(path: string): Promise<LightevalRun> {
  const found: Members = {};
  for await (const { key, value } of readJsonMembers(path)) {
    const member = members.find((one) => one === key);
    if (member !== undefined) found[member] = value;
  }
  return toRun(basename(path), found);
}

/** As it is pushed to a hub: a table of one row, a column of JSON for each member. */
export async function readRunTable(table: Table, path: string): Promise<LightevalRun> {
  const name = basename(path);
  const found: Members = {};
  for await (const rows of table.rows(members.filter((one) => table.columns.includes(one)))) {
    for (const { values } of rows) {
      for (const member of members) {
        const text = values[member];
        if (typeof text === 'string')
          found[member] = parseJson(text, `\`${name}\`, column \`${member}\``);
      }
    }
  }
  return toRun(name, found);
}

function toRun(name: string, found: Members): LightevalRun {
  const { config_general: general, results, config_tasks: configs } = found;
  if (!isObject(results) || !isObject(general)) {
    const missing = isObject(general) ? 'results' : 'config_general';
    throw new UserError(`\`${name}\`: expected an object \`${missing}\`, as lighteval writes it`);
  }
  const config = objectIn(general, 'model_config');
  const generation = objectIn(config, 'generation_parameters');
  return {
    name,
    model: modelOf(general, config),
    sampling: {
      temperature: atLeast(0, numberIn(generation, 'temperature')),
      topP: share(numberIn(generation, 'top_p')),
      seed: whole(numberIn(generation, 'seed')),
    },
    chatTemplate: fieldIn(config, 'override_chat_template') === false ? 'none' : null,
    results,
    configs: isObject(configs) ? configs : {},
  };
}

function modelOf(general: JsonObject, config: JsonObject | null): LogModel | null {
  const name =
    textIn(general, 'model_name') ?? textIn(config, 'model_name') ?? textIn(config, 'pretrained');
  if (name === null) return null;
  const revision = textIn(config, 'revision');
  const subfolder = textIn(config, 'subfolder');
  if (subfolder !== null) {
    const moving = revision === null || revision === 'main';
    return { name, revision: moving ? subfolder : `${revision}/${subfolder}` };
  }
  // Earlier versions name the commit alone, whatever branch was asked for.
  return { name, revision: revision ?? (config === null ? textIn(general, 'model_sha') : null) };
}

/** A task's configuration; null where the file has none. */
export function configOf(run: LightevalRun, task: string): JsonObject | null {
  for (const name of configNames(task)) {
    const config = objectIn(run.configs, name);
    if (config !== null) return config;
  }
  return null;
}

function atLeast(least: number, value: number | null): number | null {
  return value !== null && value >= least ? value : null;
}

function share(value: number | null): number | null {
  return value !== null && value > 0 && value <= 1 ? value : null;
}

function whole(value: number | null): number | null {
  return value !== null && Number.isSafeInteger(value) ? value : null;
}
