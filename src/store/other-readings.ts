/** What was read of the same files before, about other checkpoints: a log does not always say which it is about. */
import type { Connection } from './connection.ts';
import { someNumber, someText } from './outcome-rows.ts';
import { filesOf, type Part, partIdentity, readPartsSql } from './parts.ts';

export type Restated = {
  /** Of the earlier records, those that the new ones do not name; sorted. */
  readonly checkpoints: readonly string[];
  /** How many records stand under them. */
  readonly records: number;
};

/** The parts of the same files, where the staged records do not name each of their checkpoints; else null. */
export async function otherReadings(
  connection: Connection,
  parts: readonly Part[],
  { identity, files }: { readonly identity: string; readonly files?: string | null },
): Promise<{ parts: readonly Part[]; restated: Restated } | null> {
  if (files == null) return null;
  const own = partIdentity(identity, files);
  const same = parts.filter((part) => filesOf(part.identity) === filesOf(own));
  if (same.length === 0) return null;
  const rows = await connection.rows(
    `SELECT checkpoint, count(*) AS records FROM ${readPartsSql(same, [{ name: 'checkpoint', type: 'VARCHAR' }])}
    WHERE checkpoint NOT IN (SELECT checkpoint FROM staged) GROUP BY checkpoint ORDER BY checkpoint`,
  );
  if (rows.length === 0) return null;
  const restated = {
    checkpoints: rows.map((row) => someText(row, 'checkpoint')),
    records: rows.reduce((sum, row) => sum + someNumber(row, 'records'), 0),
  };
  return { parts: same, restated };
}
