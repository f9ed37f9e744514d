import { basename } from 'node:path';
import { UserError } from '../error/index.ts';
import type { Importer, ImportOptions } from './importer.ts';
import { createRowParser } from './parse-row.ts';
import { type OutcomeRecord, outcomeColumns } from './record.ts';
import { noteSourceRow } from './source-row.ts';

const tableFormats = ['csv', 'jsonl', 'parquet'] as const;
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

const core = ['suite', 'task', 'item', 'checkpoint', 'k', 'n', 'loss'];

/** The importers of outcome records as contract.md defines them, one a format. */
export function createNativeImporters(openTable: TableOpener): Importer[] {
  return tableFormats.map((format) => ({
    format,
    detect: async (path) => {
      const table = await openTable(path);
      return table?.format === format ? confidence(table.columns) : 0;
    },
    read: (path, options) => readRecords(path, openOnly(openTable, format), options),
  }));
}

/** Opens files of one format. */
function openOnly(openTable: TableOpener, format: TableFormat): TableOpener {
  return async (path) => {
    const table = await openTable(path);
    if (table === null || table.format === format) return table;
    throw new UserError(
      `\`${basename(path)}\`: expected ${format}, the content is ${table.format} (in ${path})`,
    );
  };
}

/** 1 for a file with what a record needs; 0.3 for one that has a part of it and is refused with what it lacks. */
function confidence(columns: readonly string[]): number {
  if (lacking(columns, {}).length === 0) return 1;
  const results = ['k', 'n', 'loss'].some((column) => columns.includes(column));
  const known = core.filter((column) => columns.includes(column)).length;
  return known >= 3 || (known >= 2 && results) ? 0.3 : 0;
}

/**
 * The valid records of a CSV, JSONL or Parquet file. Unknown columns are ignored, and told by `onNotice`.
 *
 * @throws UserError naming row, column and value.
 */
async function* readRecords(
  path: string,
  openTable: TableOpener,
  options: ImportOptions = {},
): AsyncGenerator<OutcomeRecord> {
  const table = await openTable(path);
  if (table === null) {
    throw new UserError(
      `\`${path}\`: expected a table of outcome records as CSV, JSONL or Parquet, it is none`,
    );
  }
  const columns = checkColumns(table, path, options);
  const parse = createRowParser(options);
  const unit = table.format === 'jsonl' ? 'line' : 'row';
  const name = basename(path);
  const ignored = new Set(columns.unknown);
  let count = 0;
  for await (const rows of table.rows(columns.known)) {
    for (const { row, values } of rows) {
      const record = parse(values, `\`${name}\`, ${unit} ${row}`);
      count += 1;
      if (row !== count) noteSourceRow(record, row);
      yield record;
      if (table.format === 'jsonl') noteUnknown(values, ignored);
    }
  }
  if (ignored.size > 0) options.onNotice?.(`columns ignored: ${[...ignored].join(', ')}`);
}

const knownColumns: ReadonlySet<string> = new Set(outcomeColumns.map(({ column }) => column));

function noteUnknown(values: Readonly<Record<string, unknown>>, ignored: Set<string>): void {
  for (const column in values) {
    if (!knownColumns.has(column) && ignored.size < 100) ignored.add(column);
  }
}

function checkColumns(
  table: Table,
  path: string,
  options: ImportOptions,
): { known: string[]; unknown: string[] } {
  const missing = lacking(table.columns, options);
  if (missing.length > 0) {
    throw new UserError(
      `\`${basename(path)}\`: expected the column${missing.length > 1 ? 's' : ''} ${missing.join(', ')}, found ${listed(table.columns)} (in ${path})`,
    );
  }
  return {
    known: table.columns.filter((column) => knownColumns.has(column)),
    unknown: table.columns.filter((column) => !knownColumns.has(column)),
  };
}

/** Columns that a file of records needs and this one has not, ready for a message. */
function lacking(columns: readonly string[], { suite, checkpoint }: ImportOptions): string[] {
  const missing: string[] = [];
  if (suite === undefined && !columns.includes('suite')) missing.push('`suite` (or --suite)');
  if (!columns.includes('task')) missing.push('`task`');
  if (checkpoint === undefined && !columns.includes('checkpoint')) {
    missing.push('`checkpoint` (or --checkpoint)');
  }
  if (columns.includes('loss') && !columns.includes('k') && !columns.includes('n')) return missing;
  if (!columns.includes('k')) missing.push('`k`');
  if (!columns.includes('n')) missing.push('`n`');
  return missing;
}

function listed(columns: readonly string[]): string {
  const shown = columns.slice(0, 30).map((column) => `\`${column}\``);
  return `${shown.join(', ')}${columns.length > shown.length ? ', …' : ''}`;
}
