/**
 * Checkpoints in a folder that a training job writes into. The folder is looked at again and again, since network file
 * systems send no events; nothing but names, sizes and times is read of what has not changed.
 */
import { createHash } from 'node:crypto';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { inspectCheckpoint, parseName } from '../checkpoint/index.ts';
import { UserError } from '../error/index.ts';

/** A folder that looks like a checkpoint's. */
export type Discovered = {
  /** Absolute, with symbolic links as they are named. */
  readonly dir: string;
  /** Changes with the name, size or time of any file that Sonde reads of it. */
  readonly signature: string;
  /** When the newest of these files was last changed, milliseconds since 1970. */
  readonly modifiedAt: number;
} & (
  | { readonly state: 'complete' }
  /** Complete by what is there, but changed within the quiet period. */
  | { readonly state: 'settling' }
  | { readonly state: 'incomplete'; readonly missing: readonly string[] }
  | { readonly state: 'refused'; readonly reason: string }
);

export type Discovery = {
  /** Every checkpoint that is there now, by folder name; empty where the folder is gone for the moment. */
  look(nowMs: number): Promise<Discovered[]>;
};

export type DiscoveryOptions = {
  /** Milliseconds without a change until a checkpoint counts as written. */
  readonly quietMs: number;
};

/** Folders of runs, runs, and a Hugging Face cache's `models--…/snapshots/…`. */
const depth = 3;

/** What is read of a checkpoint; other files (optimiser states, logs) may come and go. */
const readFiles = /\.(safetensors|json|jinja|model)$/;

/**
 * A checkpoint is complete by its content (index and all shards, sizes as the headers say, configuration, tokenizer) and
 * once it has not changed for the quiet period, by the file system's clock or by two looks that far apart: clocks of
 * machines differ. A folder that holds checkpoints is a run, whatever weights lie in it beside them.
 *
 * @throws UserError where `dir` is a file.
 */
export function createDiscovery(dir: string, { quietMs }: DiscoveryOptions): Discovery {
  const root = resolve(dir);
  const seen = new Map<string, Seen>();
  return {
    async look(nowMs) {
      const found = await findFolders(root, depth);
      for (const gone of [...seen.keys()].filter(
        (known) => !found.some((one) => one.dir === known),
      )) {
        seen.delete(gone);
      }
      const discovered: Discovered[] = [];
      for (const folder of found) {
        const before = seen.get(folder.dir);
        const own =
          before?.signature === folder.signature
            ? before
            : { ...(await judge(folder)), firstSeenMs: nowMs };
        seen.set(folder.dir, own);
        discovered.push(describe(own, { nowMs, quietMs }));
      }
      return discovered;
    },
  };
}

export async function isThere(dir: string): Promise<boolean> {
  return (await stat(dir).catch(absent)) !== null;
}

/** @throws UserError where there is nothing under the name. */
export async function expectFolder(dir: string): Promise<void> {
  if (await isThere(dir)) return;
  throw new UserError(
    `watch: expected a folder of checkpoints, found nothing at ${dir}; correct the path, or watch without --once, which waits for it`,
  );
}

type Folder = Pick<Discovered, 'dir' | 'signature' | 'modifiedAt'>;
type Judged = Folder & {
  readonly missing: readonly string[];
  readonly refused: string | null;
};
type Seen = Judged & { readonly firstSeenMs: number };

async function judge(folder: Folder): Promise<Judged> {
  try {
    const { missing } = await inspectCheckpoint(folder.dir);
    return { ...folder, missing, refused: null };
  } catch (error) {
    // Pruned or renamed while it was read: the next look tells.
    if (isAbsent(error)) return { ...folder, missing: ['the folder'], refused: null };
    if (!(error instanceof UserError)) throw error;
    return { ...folder, missing: [], refused: error.message };
  }
}

function describe(
  { missing, refused, firstSeenMs, ...folder }: Seen,
  { nowMs, quietMs }: { readonly nowMs: number; readonly quietMs: number },
): Discovered {
  const isQuiet = nowMs - folder.modifiedAt >= quietMs || nowMs - firstSeenMs >= quietMs;
  if (missing.length > 0) return { ...folder, state: 'incomplete', missing };
  if (!isQuiet) return { ...folder, state: 'settling' };
  if (refused !== null) return { ...folder, state: 'refused', reason: refused };
  return { ...folder, state: 'complete' };
}

/** Folders of checkpoints below one, not itself; of several names of one folder, the one that is no link. */
async function findFolders(root: string, levels: number): Promise<Folder[]> {
  const found: { readonly folder: Folder; readonly real: string }[] = [];
  for (const dir of await foldersBelow(root, levels)) {
    const folder = await describeFolder(dir);
    const real = await realpath(dir).catch(absent);
    if (folder === null || real === null) continue;
    const known = found.findIndex((one) => one.real === real);
    if (known < 0) found.push({ folder, real });
    else if (dir === real) found[known] = { folder, real };
  }
  return found.map(({ folder }) => folder);
}

async function foldersBelow(parent: string, levels: number): Promise<string[]> {
  if (levels === 0) return [];
  const below: string[] = [];
  for (const name of await subfolders(parent)) {
    const dir = join(parent, name);
    const nested = await foldersBelow(dir, levels - 1);
    if (nested.length > 0) below.push(...nested);
    else if (await looksLikeCheckpoint(dir)) below.push(dir);
  }
  return below;
}

/** Of unfinished copies (`tmp-checkpoint-500`) and hidden folders nothing is expected. */
async function subfolders(parent: string): Promise<string[]> {
  const entries = await readdir(parent, { withFileTypes: true }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') {
      throw new UserError(`watch: expected a folder of checkpoints, got the file ${parent}`);
    }
    return absent(error);
  });
  if (entries === null) return [];
  const names: string[] = [];
  for (const entry of entries) {
    if (/^(\.|tmp-)/.test(entry.name) || entry.isFile()) continue;
    const isFolder =
      entry.isDirectory() ||
      (await stat(join(parent, entry.name)).catch(absent))?.isDirectory() === true;
    if (isFolder) names.push(entry.name);
  }
  return names.sort();
}

async function looksLikeCheckpoint(dir: string): Promise<boolean> {
  if (parseName(basename(dir)).step !== null) return true;
  const names = (await readdir(dir).catch(absent)) ?? [];
  return names.some((name) => name === 'config.json' || name.endsWith('.safetensors'));
}

async function describeFolder(dir: string): Promise<Folder | null> {
  const names = await readdir(dir).catch(absent);
  if (names === null) return null;
  const hash = createHash('sha256');
  let modifiedAt = 0;
  for (const name of names.filter((one) => readFiles.test(one)).sort()) {
    const file = await stat(join(dir, name)).catch(absent);
    if (file?.isFile() !== true) continue;
    hash.update(JSON.stringify([name, file.size, file.mtimeMs]));
    modifiedAt = Math.max(modifiedAt, file.mtimeMs);
  }
  return { dir, signature: hash.digest('hex').slice(0, 32), modifiedAt };
}

function absent(error: unknown): null {
  if (isAbsent(error)) return null;
  throw error;
}

function isAbsent(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    ['ENOENT', 'ENOTDIR', 'ESTALE'].includes(String(error.code))
  );
}
