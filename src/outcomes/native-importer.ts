import { basename } from 'node:path';
import { UserError } from '../error/index.ts';
import type { Importer, ImportOptions } from './importer.ts';
import { createRowParser } from './parse-row.ts';
import { type OutcomeRecord, outcomeColumns } from './record.ts';
import { noteSourceRow } from './source-row.ts';
import {
  type RecordTable,
  type Table,
  type TableFormat,
  tableFormats,
  type TableOpener,
} from './table.ts';

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
    table: (path, options) => recordTable(path, openOnly(openTable, format), options),
  }));
}

/** @throws UserError for a table that lacks columns. */
async function recordTable(
  path: string,
  openTable: TableOpener,
  options: ImportOptions = {},
): Promise<RecordTable | null> {
  const table = await openTable(path);
  const relation = table?.relation ?? null;
  if (table === null || relation === null) return null;
  checkColumns(table, path, options);
  const columns = await relation.columns();
  const ignored = columns.filter((column) => !knownColumns.has(column));
  // SQL takes names that differ in case alone for one.
  if (ignored.some((column) => knownColumns.has(column.toLowerCase()))) return null;
  noteIgnored(ignored, options);
  return {
    relation,
    columns: columns.filter((column) => knownColumns.has(column)),
    defaults: options,
  };
}

const mostIgnored = 100;

function noteIgnored(columns: Iterable<string>, { onNotice }: ImportOptions): void {
  const named = [...columns].slice(0, mostIgnored);
  if (named.length > 0) onNotice?.(`columns ignored: ${named.join(', ')}`);
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
  noteIgnored(ignored, options);
}

const knownColumns: ReadonlySet<string> = new Set(outcomeColumns.map(({ column }) => column));

function noteUnknown(values: Readonly<Record<string, unknown>>, ignored: Set<string>): void {
  for (const column in values) {
    if (!knownColumns.has(column) && ignored.size < mostIgnored) ignored.add(column);
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
