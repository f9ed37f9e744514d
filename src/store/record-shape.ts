import type { SqlRow, SqlType, SqlValue } from './connection.ts';

/** A row type of Parquet parts: its columns, which of them are its identity, and both directions. */
export type RecordShape<T> = {
  kind: string;
  /** In the order of the fields. */
  columns: readonly { name: string; type: SqlType; field: keyof T & string }[];
  /** Columns that tell rows apart: a row that was written twice is read once. */
  key: readonly string[];
  toRow(record: T): SqlValue[];
  fromRow(row: SqlRow): T;
  /** Of rows that have the columns of some fields alone. */
  reader<Field extends keyof T & string>(fields: readonly Field[]): (row: SqlRow) => Pick<T, Field>;
};
