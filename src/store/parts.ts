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

export type Part = { path: string; name: string; identity: string; revision: number };

const partName = /^([0-9a-f]{32})-r(\d{1,9})\.parquet$/;

/** Writing holds a row group a thread in memory, with all of its columns. */
export const rowGroupRows = 30_720;

/** All complete parts of a kind, those that go before others last. */
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
      });
    }
  }
  return parts.sort((a, b) => a.revision - b.revision || (a.name < b.name ? -1 : 1));
}

/** The identity of a part by a text that says what it holds. */
export function partIdentity(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex').slice(0, 32);
}

export function partPath(
  kindDir: string,
  { run, identity, revision }: { run: string | null; identity: string; revision: number },
): string {
  return join(kindDir, run === null ? 'runs' : encodeId(run), `${identity}-r${revision}.parquet`);
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
