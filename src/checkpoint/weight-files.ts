import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../error/index.ts';
import {
  quoteValue,
  readSafetensorsHeader,
  type SafetensorsFile,
  type TensorInfo,
  TruncatedFileError,
} from '../safetensors/index.ts';
import { refuseForeign } from './foreign.ts';
import { isMissing, isRecord, JSON_LIMITS, readJsonIfPresent } from './json-file.ts';

export type Shard = { name: string; header: SafetensorsFile };

export type WeightFiles = {
  shards: readonly Shard[];
  tensors: ReadonlyMap<string, TensorInfo>;
  /** What a complete checkpoint would have and this one lacks. */
  missing: readonly string[];
};

const SINGLE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';
const SHARD = /^model-(\d{5,6})-of-(\d{5,6})\.safetensors$/;

/**
 * Finds the safetensors files that hold a checkpoint's weights and reads their headers. As transformers does, a single
 * `model.safetensors` goes before an index.
 *
 * @throws UserError for other formats, an index that names files outside the directory or tensors that its shards lack,
 *   and anything that breaks the format.
 */
export async function readWeightFiles(
  dir: string,
  names: ReadonlySet<string>,
): Promise<WeightFiles> {
  if (names.has(SINGLE)) return readShards(dir, [SINGLE], null);
  if (names.has(INDEX)) {
    const index = await readIndex(join(dir, INDEX));
    return readShards(dir, [...new Set(index.values())].sort(), index);
  }
  const shards = [...names].filter((name) => SHARD.test(name)).sort();
  if (shards.length > 0) {
    const absent = siblingsOf(shards).filter((name) => !names.has(name));
    return { shards: [], tensors: new Map(), missing: [INDEX, ...absent] };
  }
  const others = [...names].filter(
    (name) => name.endsWith('.safetensors') && !name.startsWith('adapter_'),
  );
  const [only] = others;
  if (others.length === 1 && only !== undefined) return readShards(dir, [only], null);
  await refuseForeign(dir, names);
  return { shards: [], tensors: new Map(), missing: [SINGLE] };
}

/** All the shards that `…-of-N` announces. */
function siblingsOf(shards: readonly string[]): string[] {
  const [, , total] = SHARD.exec(shards[0] ?? '') ?? [];
  if (total === undefined || Number(total) > 10_000) return [];
  return Array.from({ length: Number(total) }, (_, i) => {
    const number = String(i + 1).padStart(total.length, '0');
    return `model-${number}-of-${total}.safetensors`;
  });
}

/** tensor → name of its shard */
async function readIndex(path: string): Promise<Map<string, string>> {
  const index = await readJsonIfPresent(path, JSON_LIMITS.index);
  const weightMap = index?.['weight_map'];
  if (!isRecord(weightMap) || Object.keys(weightMap).length === 0) {
    throw new UserError(
      `\`${INDEX}\`: expected \`weight_map\` to map tensors to files, found ${quoteValue(weightMap)} (in ${path})`,
    );
  }
  const entries = Object.entries(weightMap).map(([tensor, name]): [string, string] => {
    if (typeof name === 'string' && isPlainName(name)) return [tensor, name];
    throw new UserError(
      `\`${INDEX}\`: expected the file of tensor ${quoteValue(tensor)} to be the name of a .safetensors file in the same directory, found ${quoteValue(name)} (in ${path})`,
    );
  });
  return new Map(entries);
}

/** A file of this very directory: an index from elsewhere must not make the reader open other files. */
function isPlainName(name: string): boolean {
  return name.endsWith('.safetensors') && !/[/\\\0]/.test(name) && !name.startsWith('.');
}

type Index = ReadonlyMap<string, string> | null;

async function readShards(
  dir: string,
  names: readonly string[],
  index: Index,
): Promise<WeightFiles> {
  const shards: Shard[] = [];
  const missing: string[] = [];
  for (const name of names) {
    const found = await readShard(join(dir, name));
    if (typeof found === 'string') missing.push(`${name}${found}`);
    else shards.push({ name, header: found });
  }
  const tensors = collectTensors(shards);
  if (missing.length === 0 && index !== null) checkIndex(dir, index, shards);
  return { shards, tensors, missing };
}

/** The header, or what to write behind the name of a file that is not there or not whole. */
async function readShard(path: string): Promise<SafetensorsFile | string> {
  try {
    await stat(path);
    return await readSafetensorsHeader(path);
  } catch (error) {
    if (isMissing(error)) return '';
    if (!(error instanceof TruncatedFileError)) throw error;
    return ` (${error.foundBytes} of at least ${error.expectedBytes} bytes)`;
  }
}

function collectTensors(shards: readonly Shard[]): Map<string, TensorInfo> {
  const tensors = new Map<string, TensorInfo>();
  for (const { name, header } of shards) {
    for (const [tensor, info] of header.tensors) {
      if (tensors.has(tensor)) {
        throw new UserError(
          `\`${name}\`: expected every tensor in one shard only, found ${quoteValue(tensor)} in another one too (in ${header.file})`,
        );
      }
      tensors.set(tensor, info);
    }
  }
  return tensors;
}

function checkIndex(
  dir: string,
  index: ReadonlyMap<string, string>,
  shards: readonly Shard[],
): void {
  const byName = new Map(shards.map(({ name, header }) => [name, header]));
  for (const [tensor, name] of index) {
    if (byName.get(name)?.tensors.has(tensor) === true) continue;
    throw new UserError(
      `\`${INDEX}\`: expected tensor ${quoteValue(tensor)} in ${name}, whose header lacks it; index and shards are of different checkpoints: copy them again (in ${dir})`,
    );
  }
}
