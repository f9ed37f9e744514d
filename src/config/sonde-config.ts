import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { describeIssue, UserError } from '../error/index.ts';
import { type WatchSection, watchSchema } from './watch-section.ts';

const FILE = 'sonde.yaml';

/** A file written by hand: a long ladder with all its facts takes some kB. */
const MAX_BYTES = 4 * 1024 * 1024;

const count = z
  .number('a whole number of at least 0')
  .int('a whole number of at least 0')
  .nonnegative('a whole number of at least 0');
const name = z.string('a name').min(1, 'a name that is not empty');
const checkpointId = z.string('the id of a checkpoint').min(1, 'the id of a checkpoint');
const stages = ['pretrain', 'midtrain', 'sft', 'dpo', 'rl'] as const;

/** Names are those of the columns of outcome records. */
const factsSchema = z.strictObject({
  run: name.optional(),
  step: count.optional(),
  tokens: count.optional(),
  params: count.optional(),
  params_non_embedding: count.optional(),
  flops: z.number('a number of at least 0').nonnegative('a number of at least 0').optional(),
  stage: z.enum(stages, `one of ${stages.join(', ')}`).optional(),
  family: name.optional(),
});

/** What stands under a heading, whatever the names there: Zod's own records leave `__proto__` out. */
function table<Value extends z.ZodType>(
  value: Value,
  expected: string,
): z.ZodType<Map<string, z.infer<Value>>> {
  return z.preprocess(
    (given) => {
      if (given === null || given === undefined) return new Map();
      const isTable = typeof given === 'object' && !Array.isArray(given);
      return isTable ? new Map(Object.entries(given)) : given;
    },
    z.map(name, value, expected),
  );
}

const configSchema = z.strictObject({
  checkpoints: table(factsSchema, 'a table of checkpoints and their facts'),
  logs: table(checkpointId, 'a table of logs (a file, a folder or a model) and checkpoints'),
  watch: watchSchema.optional(),
});

/** Facts of a checkpoint as stated by a person; what is absent is not stated. */
export type ConfiguredFacts = {
  run?: string;
  step?: number;
  tokens?: number;
  params?: number;
  paramsNonEmbedding?: number;
  /** Training FLOPs. */
  flops?: number;
  stage?: 'pretrain' | 'midtrain' | 'sft' | 'dpo' | 'rl';
  family?: string;
};

export type SondeConfig = {
  /** The file, absolute; null where there is none. */
  path: string | null;
  /** What is stated of the checkpoint with this id or in this directory; an entry under its id goes first. */
  factsOf: (checkpoint: { id?: string; dir?: string }) => ConfiguredFacts;
  /** Which checkpoint a log is stated to be about; an entry of its file or folder goes before one of its model. */
  checkpointOfLog: (log: ConfiguredLog) => string | null;
  /** The whole of `logs`, for telling whether it has changed; empty where nothing is stated. */
  logsText: string;
  /** What `sonde watch` does without being told on the command line. */
  watch: WatchSection;
};

/** A harness log: the model as it names it, and its file. */
export type ConfiguredLog = {
  readonly model: string;
  readonly revision: string | null;
  readonly path: string;
};

/**
 * Reads `sonde.yaml`, looked for upwards from `from`, then in the folder that holds the store.
 *
 * ```yaml
 * checkpoints:
 *   my7b/step1000: { step: 1000, tokens: 4e9, stage: pretrain, family: my }
 *   runs/other/final: { run: other, tokens: 30e9, params_non_embedding: 6.5e9, flops: 1.2e21 }
 * logs:
 *   my7b-latest: my7b/step1000
 *   evals/tuesday: my7b/step2000
 * watch: { probes: [mine], alerts: { least_drop: 0.02 } }
 * ```
 *
 * Keys of `checkpoints` are ids or directories, relative to the file's folder. Keys of `logs` are models as harness logs
 * name them (`name` or `name@revision`), or logs and folders of logs; values are ids of checkpoints.
 *
 * @throws UserError where the file is no YAML, has unknown keys or wrong values: with the place.
 */
export async function loadConfig(
  from: string,
  options: { store?: string } = {},
): Promise<SondeConfig> {
  const path = await findConfig(from, options.store);
  if (path === null)
    return { path, factsOf: () => ({}), checkpointOfLog: () => null, logsText: '', watch: {} };
  const { checkpoints, logs, watch = {} } = parseConfig(await readConfig(path), path);
  const byKey = new Map([...checkpoints].map(([key, facts]) => [key, toFacts(facts)]));
  const base = dirname(path);
  const byDir = new Map([...byKey].map(([key, facts]) => [resolve(base, key), facts]));
  return {
    path,
    factsOf: ({ id, dir }) =>
      (id === undefined ? undefined : byKey.get(id)) ??
      (dir === undefined ? undefined : byDir.get(resolve(dir))) ??
      {},
    checkpointOfLog: logLookup(logs, base),
    logsText: logs.size === 0 ? '' : JSON.stringify([...logs]),
    watch,
  };
}

/** The nearest folder that is named decides. */
function logLookup(
  byName: ReadonlyMap<string, string>,
  base: string,
): SondeConfig['checkpointOfLog'] {
  const byPath = new Map([...byName].map(([key, id]) => [resolve(base, key), id]));
  return ({ model, revision, path }) => {
    for (let at = resolve(path); ; at = dirname(at)) {
      const id = byPath.get(at);
      if (id !== undefined) return id;
      if (at === dirname(at)) break;
    }
    const named = revision === null ? undefined : byName.get(`${model}@${revision}`);
    return named ?? byName.get(model) ?? null;
  };
}

async function findConfig(from: string, store: string | undefined): Promise<string | null> {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (await isFile(join(folder, FILE))) return join(folder, FILE);
    if (folder === dirname(folder)) break;
  }
  const beside = store === undefined ? null : join(dirname(resolve(store)), FILE);
  return beside !== null && (await isFile(beside)) ? beside : null;
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true;
}

async function readConfig(path: string): Promise<string> {
  const { size } = await stat(path);
  if (size > MAX_BYTES) {
    throw new UserError(
      `\`${FILE}\`: expected at most ${MAX_BYTES} bytes, found ${size} (in ${path})`,
    );
  }
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`\`${FILE}\`: cannot be read: ${reason}`, { cause: error });
  }
}

function parseConfig(text: string, path: string): z.infer<typeof configSchema> {
  const document = parseDocument(text);
  const [broken] = document.errors;
  if (broken !== undefined) {
    throw new UserError(`\`${FILE}\`: expected YAML: ${broken.message} (in ${path})`, {
      cause: broken,
    });
  }
  const value = toPlain(document, path) ?? {};
  const result = configSchema.safeParse(value);
  if (result.success) return result.data;
  throw new UserError(`\`${FILE}\`: ${describeIssue(result.error, value, ' → ')} (in ${path})`, {
    cause: result.error,
  });
}

function toPlain(document: ReturnType<typeof parseDocument>, path: string): unknown {
  try {
    return document.toJS() as unknown;
  } catch (error) {
    // Aliases that multiply without bound end here.
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`\`${FILE}\`: ${reason} (in ${path})`, { cause: error });
  }
}

function toFacts({
  params_non_embedding: paramsNonEmbedding,
  ...facts
}: z.infer<typeof factsSchema>): ConfiguredFacts {
  const stated = Object.entries({ ...facts, paramsNonEmbedding }).filter(
    ([, value]) => value !== undefined,
  );
  return Object.fromEntries(stated);
}
