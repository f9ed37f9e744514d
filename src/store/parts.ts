/**
 * Immutable Parquet parts: `<kind>/<run>/<identity>-r<revision>.parquet`. The identity is that of what was written, so
 * writing it again is harmless. A part of a higher revision goes before the lower ones where they contradict each other;
 * equal revisions (two processes that could not see each other) are ordered by name.
 */
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { absent, atomicWrite } from './atomic.ts';
import { UserError } from '../error/index.ts';
import {
  type Connection,
  filePattern,
  identifier,
  literal,
  SqlError,
  type SqlType,
} from './connection.ts';
import { encodeId } from './file-name.ts';

export type Part = {
  path: string;
  name: string;
  identity: string;
  revision: number;
  /** It stands in for every earlier part of the same files. */
  restates: boolean;
};

const partName = /^([0-9a-f]{32})-r(\d{1,9})(-restated)?\.parquet$/;

/** Writing holds a row group a thread in memory, with all of its columns. */
export const rowGroupRows = 20_480;

/** All complete parts of a kind that count, those that go before others last. */
export async function listParts(kindDir: string): Promise<Part[]> {
  const parts: Part[] = [];
  for (const run of await entries(kindDir)) {
    for (const name of await entries(join(kindDir, run))) {
      const match = partName.exec(name);
      if (match?.[1] === undefined) continue;
      parts.push({
        path: join(kindDir, run, name),
        name,
        identity: match[1],
        revision: Number(match[2]),
        restates: match[3] !== undefined,
      });
    }
  }
  return withoutRestated(parts).sort(
    (a, b) => a.revision - b.revision || (a.name < b.name ? -1 : 1),
  );
}

/** Parts of the same files before one that restates them do not count; they stay on disk. */
function withoutRestated(parts: readonly Part[]): Part[] {
  const since = new Map<string, number>();
  for (const { identity, revision, restates } of parts) {
    const files = filesOf(identity);
    if (restates) since.set(files, Math.max(revision, since.get(files) ?? 0));
  }
  return parts.filter(({ identity, revision }) => revision >= (since.get(filesOf(identity)) ?? 0));
}

/**
 * The identity of a part by a text that says what it holds. Where the same files can be read in several ways, `files`
 * says which they are: what was read of them shares the first half of its identity.
 */
export function partIdentity(text: string, files?: string | null): string {
  const whole = hexOf(text);
  return files == null ? whole : filesOf(hexOf(files)) + filesOf(whole);
}

/** What identities of parts of the same files share. */
export function filesOf(identity: string): string {
  return identity.slice(0, 16);
}

function hexOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex').slice(0, 32);
}

export function partPath(
  kindDir: string,
  {
    run,
    identity,
    revision,
    restates = false,
  }: Pick<Part, 'identity' | 'revision'> & { run: string | null; restates?: boolean },
): string {
  const name = `${identity}-r${revision}${restates ? '-restated' : ''}.parquet`;
  return join(kindDir, run === null ? 'runs' : encodeId(run), name);
}

/**
 * The parts as a table of SQL; there is at least one. Columns that a part lacks are null, those that parts of an earlier
 * version all lack too.
 */
export function readPartsSql(
  parts: readonly Part[],
  columns: readonly { readonly name: string; readonly type: SqlType }[],
): string {
  const paths = parts.map(({ path }) => literal(filePattern(path))).join(', ');
  const none = columns.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${identifier(name)}`);
  return `(FROM read_parquet([${paths}], union_by_name = true, hive_partitioning = false)
    UNION ALL BY NAME SELECT ${none.join(', ')} WHERE false)`;
}

/** Writes the result of a query as a part. */
export async function writePart(
  connection: Connection,
  path: string,
  query: string,
): Promise<void> {
  await atomicWrite(path, (temporary) => copyTo(connection, temporary, query));
}

/** Writes the result of a query to a Parquet file. */
export async function copyTo(connection: Connection, path: string, query: string): Promise<void> {
  const options = `FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rowGroupRows}`;
  await connection.run(`COPY (${query}) TO ${literal(path)} (${options})`);
}

/** A failed query in the user's words, where a file that was damaged from outside is behind it; else null. */
export function damagedPart(error: unknown, parts: readonly Part[]): UserError | null {
  if (!(error instanceof SqlError)) return null;
  const part = parts.find(
    ({ path }) => error.reason.includes(path) || error.reason.includes(filePattern(path)),
  );
  if (part === undefined) return null;
  const reason = error.reason.split('\n')[0] ?? '';
  return new UserError(
    `\`store\`: cannot read ${part.path} (${reason}): restore the file, or remove it and import its source again`,
    { cause: error },
  );
}

async function entries(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(absent)) ?? [];
}
