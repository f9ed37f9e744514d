/**
 * Which suite × task × checkpoint each part is about. Records of one cell alone can meet each other, so that an import
 * need not look into all parts, however many small ones there are. Parts never change: what was read is read once a
 * process.
 */
import type { Connection, SqlRow } from './connection.ts';
import { someText } from './outcome-rows.ts';
import { type Part, readPartsSql } from './parts.ts';

/** By path; null for a part with so many cells that it is always looked into. */
export type PartCells = Map<string, ReadonlySet<string> | null>;

const mostCells = 20_000;
/** Parts whose cells are read in one query. */
const partsAtOnce = 200;

const columns = ['suite', 'task', 'checkpoint'].map((name) => ({ name, type: 'VARCHAR' }) as const);

/** The parts with records of a cell that staged ones are about. */
export async function sameCells(
  connection: Connection,
  parts: readonly Part[],
  known: PartCells,
): Promise<Part[]> {
  const unread = parts.filter(({ path }) => !known.has(path));
  for (let first = 0; first < unread.length; first += partsAtOnce) {
    await readCells(connection, unread.slice(first, first + partsAtOnce), known);
  }
  const staged = await connection.rows('SELECT DISTINCT suite, task, checkpoint FROM staged');
  const wanted = staged.map(cellOf);
  return parts.filter(({ path }) => {
    const cells = known.get(path) ?? null;
    return cells === null || wanted.some((cell) => cells.has(cell));
  });
}

async function readCells(
  connection: Connection,
  parts: readonly Part[],
  known: PartCells,
): Promise<void> {
  const sql = `SELECT DISTINCT part, revision, suite, task, checkpoint
    FROM ${readPartsSql(parts, [...columns, { name: 'part', type: 'VARCHAR' }, { name: 'revision', type: 'BIGINT' }])}`;
  const cells = new Map<string, Set<string>>();
  for (const row of await connection.rows(sql)) {
    const part = `${someText(row, 'part')} ${String(row['revision'])}`;
    const own = cells.get(part) ?? new Set<string>();
    cells.set(part, own);
    own.add(cellOf(row));
  }
  for (const { path, identity, revision } of parts) {
    const own = cells.get(`${identity} ${revision}`) ?? new Set<string>();
    known.set(path, own.size > mostCells ? null : own);
  }
}

function cellOf(row: SqlRow): string {
  return JSON.stringify([
    someText(row, 'suite'),
    someText(row, 'task'),
    someText(row, 'checkpoint'),
  ]);
}
