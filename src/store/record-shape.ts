import type { SqlRow, SqlType, SqlValue } from './connection.ts';

/** A row type of Parquet parts: its columns, which of them are its identity, and both directions. */
export type RecordShape<T> = {
  kind: string;
  columns: readonly { name: string; type: SqlType }[];
  /** Columns that tell rows apart: a row that was written twice is read once. */
  key: readonly string[];
  toRow(record: T): SqlValue[];
  fromRow(row: SqlRow): T;
};
