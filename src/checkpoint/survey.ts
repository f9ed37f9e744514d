import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../error/index.ts';
import { type Identity, identify } from './identity.ts';
import { JSON_LIMITS, readJsonIfPresent, UnfinishedJsonError } from './json-file.ts';
import { type ParameterCounts, countParameters } from './parameters.ts';
import { readTrainerState, type TrainerState } from './trainer-state.ts';
import { readWeightFiles, type WeightFiles } from './weight-files.ts';

const NO_WEIGHTS: WeightFiles = { shards: [], tensors: new Map(), missing: [] };

export type Survey = {
  identity: Identity;
  config: Readonly<Record<string, unknown>> | null;
  weights: WeightFiles;
  /** Null until all weights and the configuration are there. */
  counts: ParameterCounts | null;
  trainer: TrainerState | null;
  missing: readonly string[];
};

/** What is in a checkpoint's directory, and what a complete one would have besides. */
export async function surveyCheckpoint(directory: string): Promise<Survey> {
  const identity = await identify(directory);
  const names = await listNames(identity.dir);
  const { dir } = identity;
  const missing: string[] = [];
  const weights =
    (await unlessUnfinished(() => readWeightFiles(dir, names), missing)) ?? NO_WEIGHTS;
  missing.push(...weights.missing);
  const config = await readConfig(dir, missing);
  await noteTokenizer(dir, names, missing);
  const trainer = await unlessUnfinished(() => readTrainerState(dir), missing);
  const whole = weights.tensors.size > 0 && weights.missing.length === 0 && config !== null;
  const counts = whole ? countParameters(weights.tensors.values(), config) : null;
  return { identity, config, weights, counts, trainer, missing };
}

/** `config.json` of a directory, or null where there is none or it is not whole yet. */
export function readModelConfig(dir: string): Promise<Readonly<Record<string, unknown>> | null> {
  return readConfig(dir, []);
}

async function listNames(dir: string): Promise<ReadonlySet<string>> {
  const found = await stat(dir).catch(() => null);
  if (found === null) {
    throw new UserError(
      `\`checkpoint\`: expected a checkpoint's directory, found nothing at ${dir}`,
    );
  }
  if (!found.isDirectory()) {
    throw new UserError(
      `\`checkpoint\`: expected a directory with config.json, *.safetensors and tokenizer.json, found a file: name the directory it is in (${dir})`,
    );
  }
  const names = new Set(
    await readdir(dir).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new UserError(`\`checkpoint\`: cannot be read: ${reason}`, { cause: error });
    }),
  );
  if (names.has('snapshots') && !names.has('config.json')) {
    const revisions = await readdir(join(dir, 'snapshots'));
    throw new UserError(
      `\`checkpoint\`: expected one snapshot, found a Hugging Face cache with ${revisions.length}: name ${join(dir, 'snapshots', revisions[0] ?? '<revision>')} or another one`,
    );
  }
  return names;
}

async function readConfig(dir: string, missing: string[]): Promise<Record<string, unknown> | null> {
  const unfinished = missing.length;
  const path = join(dir, 'config.json');
  const config = await unlessUnfinished(() => readJsonIfPresent(path, JSON_LIMITS.config), missing);
  if (config === null && missing.length === unfinished) missing.push('config.json');
  return config;
}

/** What a reader gives, or null and an entry in `missing` where a JSON file stops in the middle. */
async function unlessUnfinished<T>(
  read: () => Promise<T | null>,
  missing: string[],
): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof UnfinishedJsonError)) throw error;
    missing.push(`${error.file} (stops in the middle)`);
    return null;
  }
}

async function noteTokenizer(
  dir: string,
  names: ReadonlySet<string>,
  missing: string[],
): Promise<void> {
  const path = join(dir, 'tokenizer.json');
  const found = await stat(path).catch(() => null);
  if (found?.isFile() === true && found.size > 0) {
    if (!(await endsAsObject(path, found.size)))
      missing.push('tokenizer.json (stops in the middle)');
    return;
  }
  const slow = ['tokenizer.model', 'vocab.json', 'tekken.json'].find((name) => names.has(name));
  missing.push(
    slow === undefined
      ? 'tokenizer.json'
      : `tokenizer.json (found ${slow}: write it with transformers, AutoTokenizer.from_pretrained(dir).save_pretrained(dir))`,
  );
}

/** Whether the last visible character of a file is a closing brace. */
async function endsAsObject(path: string, size: number): Promise<boolean> {
  const handle = await open(path, 'r');
  try {
    const tail = Buffer.alloc(Math.min(size, 64));
    await handle.read(tail, 0, tail.length, size - tail.length);
    return tail.toString('latin1').trimEnd().endsWith('}');
  } finally {
    await handle.close();
  }
}
