/** Files of rows, as somebody opens them who can read tables. */
import type { RecordDefaults } from './parse-row.ts';

export const tableFormats = ['csv', 'jsonl', 'parquet'] as const;
export type TableFormat = (typeof tableFormats)[number];

export type TableRow = {
  /** From 1: the row below the header, or the line of a JSONL file. */
  row: number;
  values: Readonly<Record<string, unknown>>;
};

/** A file of rows. */
export type Table = {
  format: TableFormat;
  /** Of a JSONL file: those of its first line. */
  columns: readonly string[];
  /** In the file's order, in batches; `wanted` are the columns whose values are needed. */
  rows(wanted: readonly string[]): AsyncIterable<readonly TableRow[]>;
  /** Nested columns; only of Parquet. */
  nested?: NestedColumns;
  /** The same rows for the store itself, which need not come one by one; null where it cannot read them. */
  relation: TableRelation | null;
};

/** Rows as the store's own query reads them. */
export type TableRelation = {
  /** SQL of a relation with these columns. */
  readonly sql: (columns: readonly string[]) => string;
  /** Its columns are texts: as they stand in the file, or what JSON's values are as texts. */
  readonly encoding: 'text' | 'json';
  /** All columns of all rows: those of the first row first. */
  readonly columns: () => Promise<readonly string[]>;
};

/** Outcome records as a table; not one row of it is checked. */
export type RecordTable = {
  readonly relation: TableRelation;
  /** Those of its columns that say something of a record. */
  readonly columns: readonly string[];
  readonly defaults: RecordDefaults;
};

/** A column, or a field inside a nested one. */
export type ColumnPath = readonly [column: string, ...fields: string[]];

export type NestedColumns = {
  /** The names of a column's fields; none for a column that is no struct, or is absent. */
  fields(column: string): Promise<readonly string[]>;
  /** As `rows`, each value as the text of its JSON, by the names given; null where it or its field is absent. */
  rows(wanted: Readonly<Record<string, ColumnPath>>): AsyncIterable<readonly TableRow[]>;
};

/** Opens a file of rows; null where it is none. */
export type TableOpener = (path: string) => Promise<Table | null>;
