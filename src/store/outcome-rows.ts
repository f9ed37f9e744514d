import type { OutcomeRecord } from '../outcomes/index.ts';
import { outcomeColumns } from '../outcomes/index.ts';
import type { SqlRow, SqlValue } from './connection.ts';

/** A record as it counts now: independent samples added up. */
export type StoredOutcome = OutcomeRecord & {
  /** The name of the file, or files, that it was imported from; null for what Sonde sampled. */
  file: string | null;
};

/** A row of SQL as a record. */
export function toRecord(row: SqlRow): OutcomeRecord {
  const record: Partial<Record<keyof OutcomeRecord, SqlValue>> = {};
  for (const { column, field } of outcomeColumns) record[field] = row[column] ?? null;
  return record as OutcomeRecord;
}

export function toStoredOutcome(row: SqlRow): StoredOutcome {
  return { ...toRecord(row), file: text(row, 'origin_name') };
}

/** A record as a row of the parts' columns. */
export function toValues(record: OutcomeRecord): SqlValue[] {
  return outcomeColumns.map(({ field }) => record[field]);
}

export function text(row: SqlRow, column: string): string | null {
  const value = row[column] ?? null;
  if (value === null || typeof value === 'string') return value;
  throw new TypeError(`expected ${column} to be a text, got ${String(value)}`);
}

export function number(row: SqlRow, column: string): number | null {
  const value = row[column] ?? null;
  if (value === null || typeof value === 'number') return value;
  throw new TypeError(`expected ${column} to be a number, got ${String(value)}`);
}

/** A column that is never null. */
export function someText(row: SqlRow, column: string): string {
  const value = text(row, column);
  if (value === null) throw new TypeError(`expected ${column} to be given`);
  return value;
}

/** A column that is never null. */
export function someNumber(row: SqlRow, column: string): number {
  const value = number(row, column);
  if (value === null) throw new TypeError(`expected ${column} to be given`);
  return value;
}
