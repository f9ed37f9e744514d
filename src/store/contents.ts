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
  | 'suites'
  | 'probes';

/** Names (`<run>/<part>` of parts, without extension) and a stamp that changes with the content. */
export type KindContents = ReadonlyMap<string, string>;
export type StoreContents = Readonly<Record<StoreKind, KindContents>>;

/** Everything that the store in a folder holds now; of an absent one, nothing. */
export async function readContents(dir: string): Promise<StoreContents> {
  const kinds = Object.entries(readers(dir));
  const read = await Promise.all(kinds.map(async ([kind, list]) => [kind, await list()] as const));
  return Object.fromEntries(read) as Record<StoreKind, KindContents>;
}

function readers(dir: string): Readonly<Record<StoreKind, () => Promise<KindContents>>> {
  const parts = (kind: string) => () => listParts(join(dir, kind));
  const files =
    (...place: readonly string[]) =>
    () =>
      listFiles(join(dir, ...place));
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
    suites: async () => new Map((await listNames(join(dir, 'suites'))).map((name) => [name, ''])),
    probes: () => listProbes(join(dir, 'probes')),
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

async function listParts(folder: string): Promise<KindContents> {
  const found = new Map<string, string>();
  for (const run of await listNames(folder)) {
    for (const name of await listNames(join(folder, run))) {
      if (name.endsWith('.parquet')) found.set(`${run}/${name.slice(0, -'.parquet'.length)}`, '');
    }
  }
  return found;
}

async function listFiles(folder: string): Promise<KindContents> {
  const names = (await listNames(folder)).filter((name) => name.endsWith('.json'));
  const stamped = await Promise.all(
    names.map(async (name) => [name.slice(0, -'.json'.length), await stampOf(join(folder, name))]),
  );
  return new Map(stamped.filter((one): one is [string, string] => one[1] !== null));
}

async function listProbes(folder: string): Promise<KindContents> {
  const names = await listNames(folder);
  const stamped = await Promise.all(
    names.map(async (name) => [name, await stampOf(join(folder, name, 'current.json'))]),
  );
  return new Map(stamped.filter((one): one is [string, string] => one[1] !== null));
}

/** A replaced file is a new one under the same name: its number tells it apart within one tick of the clock. */
async function stampOf(path: string): Promise<string | null> {
  const found = await stat(path, { bigint: true }).catch(absent);
  return found === null ? null : `${found.ino} ${found.mtimeNs} ${found.size}`;
}

/** Sorted; names that begin with a dot are of files still being written. */
async function listNames(folder: string): Promise<string[]> {
  const names = (await readdir(folder).catch(absent)) ?? [];
  return names.filter((name) => !name.startsWith('.')).sort();
}
