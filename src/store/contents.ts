/**
 * What a store holds by name: enough to tell whether anything is new, without opening a file. Parts are never changed, so
 * their names are enough; of files that are replaced as a whole, identity and time are part of the stamp.
 */
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { absent } from './atomic.ts';
import { encodeId } from './file-name.ts';

export type StoreKind =
  | 'outcomes'
  | 'answers'
  | 'log-answers'
  | 'predictions'
  | 'estimates'
  | 'checkpoints'
  | 'forecasts'
  | 'forecast-scores'
  | 'alerts'
  | 'acknowledgements'
  | 'jobs'
  | 'refused-imports'
  | 'suites'
  | 'probes'
  | 'transfers';

/** Names (`<run>/<part>` of parts, without extension) and a stamp that changes with the content. */
export type KindContents = ReadonlyMap<string, string>;
export type StoreContents = Readonly<Record<StoreKind, KindContents>>;

/** Reads what the store in a folder holds now; of an absent one, nothing. */
export function createContentsReader(dir: string): () => Promise<StoreContents> {
  const kinds = Object.entries(readersOf(dir, createFolderMemo()));
  return async () => {
    const read = await Promise.all(
      kinds.map(async ([kind, list]) => [kind, await list()] as const),
    );
    return Object.fromEntries(read) as Record<StoreKind, KindContents>;
  };
}

function readersOf(
  dir: string,
  memo: FolderMemo,
): Readonly<Record<StoreKind, () => Promise<KindContents>>> {
  const parts = (kind: string) => () => listParts(join(dir, kind), memo);
  const files =
    (...place: readonly string[]) =>
    () =>
      memo(join(dir, ...place), listFiles);
  return {
    outcomes: parts('outcomes'),
    answers: parts('answers'),
    'log-answers': parts('log-answers'),
    predictions: parts('predictions'),
    estimates: parts('estimates'),
    checkpoints: files('checkpoints'),
    forecasts: files('forecasts'),
    'forecast-scores': files('forecasts', 'scores'),
    alerts: files('alerts'),
    acknowledgements: files('alerts', 'acknowledgements'),
    jobs: files('jobs'),
    'refused-imports': files('refused-imports'),
    suites: () => memo(join(dir, 'suites'), listNames),
    transfers: files('transfers'),
    probes: () => listProbes(join(dir, 'probes'), memo),
  };
}

/** A text that is equal where, in all probability, the contents of these kinds are: 32 hex digits. */
export function contentsVersion(contents: StoreContents, kinds: readonly StoreKind[]): string {
  const hash = createHash('sha256');
  for (const kind of kinds) {
    hash.update(`${kind}\n`);
    for (const [name, stamp] of contents[kind]) hash.update(`${name}\t${stamp}\n`);
  }
  return hash.digest('hex').slice(0, 32);
}

/** When a part of the run was last written; null where none is about this run alone. */
export async function changedAt(dir: string, run: string): Promise<Date | null> {
  const folders = ['outcomes', 'predictions', 'estimates'].map((kind) =>
    join(dir, kind, encodeId(run)),
  );
  const found = await Promise.all(folders.map((folder) => stat(folder).catch(absent)));
  const times = found.flatMap((one) => (one === null ? [] : [one.mtimeMs]));
  return times.length === 0 ? null : new Date(Math.max(...times));
}

async function listParts(folder: string, memo: FolderMemo): Promise<KindContents> {
  const runs = [...(await memo(folder, listNames)).keys()];
  const parts = await Promise.all(runs.map((run) => memo(join(folder, run), listNames)));
  const found = new Map<string, string>();
  for (const [index, run] of runs.entries()) {
    for (const name of parts[index]?.keys() ?? []) {
      if (name.endsWith('.parquet')) found.set(`${run}/${name.slice(0, -'.parquet'.length)}`, '');
    }
  }
  return found;
}

async function listProbes(folder: string, memo: FolderMemo): Promise<KindContents> {
  const names = [...(await memo(folder, listNames)).keys()];
  const files = await Promise.all(names.map((name) => memo(join(folder, name), listFiles)));
  return new Map(
    names.flatMap((name, index): [string, string][] => {
      const stamp = files[index]?.get('current');
      return stamp === undefined ? [] : [[name, stamp]];
    }),
  );
}

async function listFiles(folder: string): Promise<KindContents> {
  const names = [...(await listNames(folder)).keys()].filter((name) => name.endsWith('.json'));
  const stamped = await Promise.all(
    names.map(async (name) => [name.slice(0, -'.json'.length), await stampOf(join(folder, name))]),
  );
  return new Map(stamped.filter((one): one is [string, string] => one[1] !== null));
}

/** A replaced file is a new one under the same name: its number tells it apart within one tick of the clock. */
async function stampOf(path: string): Promise<string | null> {
  const found = await stat(path, { bigint: true }).catch(absent);
  return found === null ? null : `${found.ino} ${found.mtimeNs} ${found.size}`;
}

/** Sorted; names that begin with a dot are of files still being written. */
async function listNames(folder: string): Promise<KindContents> {
  const names = (await readdir(folder).catch(absent)) ?? [];
  const whole = names.filter((name) => !name.startsWith('.')).sort();
  return new Map(whole.map((name) => [name, '']));
}

/** What a reading of a folder gave, as long as the folder did not change. */
type FolderMemo = (
  folder: string,
  read: (folder: string) => Promise<KindContents>,
) => Promise<KindContents>;

const nothing: KindContents = new Map();

/** A folder's time does not tell two changes apart that follow each other at once: what is younger is read again. */
const settledMs = 2000;

/** Every file here comes by a rename, which changes its folder's time: one question a folder instead of one a file. */
function createFolderMemo(): FolderMemo {
  const known = new Map<string, { readonly time: bigint; readonly contents: KindContents }>();
  return async (folder, read) => {
    const startedMs = Date.now();
    const found = await stat(folder, { bigint: true }).catch(absent);
    if (found === null) return nothing;
    const before = known.get(folder);
    if (before?.time === found.mtimeNs) return before.contents;
    const contents = await read(folder);
    if (Number(found.mtimeMs) + settledMs < startedMs) {
      known.set(folder, { time: found.mtimeNs, contents });
    }
    return contents;
  };
}
