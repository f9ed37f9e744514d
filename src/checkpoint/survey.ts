import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../error/index.ts';
import { isForeignName } from './foreign.ts';
import { type Identity, identify } from './identity.ts';
import { JSON_LIMITS, readJsonIfPresent, UnfinishedJsonError } from './json-file.ts';
import { type ParameterCounts, countParameters } from './parameters.ts';
import { isWeightName, readWeightFiles, type WeightFiles } from './weight-files.ts';

export type Survey = {
  identity: Identity;
  config: Readonly<Record<string, unknown>> | null;
  weights: WeightFiles;
  /** Null until all weights and the configuration are there. */
  counts: ParameterCounts | null;
  missing: readonly string[];
};

/** What is in a checkpoint's directory, and what a complete one would have besides. */
export async function surveyCheckpoint(directory: string): Promise<Survey> {
  const identity = await identify(directory);
  const names = await listNames(identity.dir);
  const weights = await readWeightFiles(identity.dir, names);
  const missing = [...weights.missing];
  const config = await readConfig(identity.dir, missing);
  await noteTokenizer(identity.dir, names, missing);
  const whole = weights.missing.length === 0 && config !== null;
  const counts = whole ? countParameters(weights.tensors.values(), config) : null;
  return { identity, config, weights, counts, missing };
}

/** Whether a path is a directory that holds a checkpoint, complete or not, in whatever form. */
export async function isCheckpointDir(path: string): Promise<boolean> {
  const names = await readdir(path).catch(() => []);
  return names.some((name) => name === 'config.json' || isWeightName(name) || isForeignName(name));
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
  const names = new Set(await readdir(dir));
  if (names.has('snapshots') && !names.has('config.json')) {
    const revisions = await readdir(join(dir, 'snapshots'));
    throw new UserError(
      `\`checkpoint\`: expected one snapshot, found a Hugging Face cache with ${revisions.length}: name ${join(dir, 'snapshots', revisions[0] ?? '<revision>')} or another one`,
    );
  }
  return names;
}

async function readConfig(dir: string, missing: string[]): Promise<Record<string, unknown> | null> {
  try {
    const config = await readJsonIfPresent(join(dir, 'config.json'), JSON_LIMITS.config);
    if (config === null) missing.push('config.json');
    return config;
  } catch (error) {
    if (!(error instanceof UnfinishedJsonError)) throw error;
    missing.push('config.json (stops in the middle)');
    return null;
  }
}

async function noteTokenizer(
  dir: string,
  names: ReadonlySet<string>,
  missing: string[],
): Promise<void> {
  const found = await stat(join(dir, 'tokenizer.json')).catch(() => null);
  if (found?.isFile() === true && found.size > 0) return;
  const slow = ['tokenizer.model', 'vocab.json', 'tekken.json'].find((name) => names.has(name));
  missing.push(
    slow === undefined
      ? 'tokenizer.json'
      : `tokenizer.json (found ${slow}: write it with transformers, AutoTokenizer.from_pretrained(dir).save_pretrained(dir))`,
  );
}
