/** Files of rows that somebody else wrote, as streams of rows: every value is checked by who reads them. */
import { basename, resolve } from 'node:path';
import { UserError } from '../error/index.ts';
import type { Table, TableOpener, TableRelation, TableRow } from '../outcomes/index.ts';
import { readJsonLines } from '../suite/index.ts';
import { type Database, filePattern, identifier, literal, SqlError } from './connection.ts';
import { parseCsvHeader, readHead, refuseRepeated } from './csv-header.ts';
import { fieldsOf, jsonColumns } from './nested-columns.ts';
import { someText } from './outcome-rows.ts';

const maxLineBytes = 4 * 1024 * 1024;
/** Rows are handed on in batches of about this many. */
const batchRows = 2048;

/**
 * Opens CSV (comma, header, UTF-8), JSONL and Parquet files, told apart by content. Values of CSV and Parquet come as
 * text; what Parquet holds in nested types is not a value and refused where it is needed.
 */
export function createTableOpener(database: () => Promise<Database>): TableOpener {
  return async (given) => {
    const path = resolve(given);
    const head = await readHead(path);
    if (head.subarray(0, 4).toString('latin1') === 'PAR1')
      return openParquet(path, await database());
    if (/^\s*\{/.test(head.toString('utf8').replace(/^\uFEFF/, '')))
      return openJsonl(path, database);
    const columns = parseCsvHeader(head);
    return columns === null ? null : openCsv(path, columns, database);
  };
}

async function openJsonl(path: string, database: () => Promise<Database>): Promise<Table | null> {
  const name = basename(path);
  let columns: string[] = [];
  try {
    for await (const { value } of readJsonLines(path, { name, maxLineBytes })) {
      columns = isObject(value) ? Object.keys(value) : [];
      break;
    }
  } catch (error) {
    // One JSON document over several lines begins like JSONL, and is another format's.
    if (error instanceof UserError) return null;
    throw error;
  }
  return {
    format: 'jsonl',
    columns,
    rows: () => jsonlRows(path, name),
    relation: jsonlRelation(path, columns, database),
  };
}

async function* jsonlRows(path: string, name: string): AsyncGenerator<TableRow[]> {
  let batch: TableRow[] = [];
  for await (const { line, value } of readJsonLines(path, { name, maxLineBytes })) {
    if (!isObject(value))
      throw new UserError(`\`${name}\`, line ${line}: expected one JSON object`);
    batch.push({ row: line, values: value });
    if (batch.length === batchRows) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

/** Every key of every line is told: later lines may have others than the first. */
function jsonlRelation(
  path: string,
  first: readonly string[],
  database: () => Promise<Database>,
): TableRelation {
  const file = literal(filePattern(path));
  const options = `maximum_object_size = ${maxLineBytes}, compression = 'uncompressed'`;
  return {
    encoding: 'json',
    sql: (wanted) => {
      const columns = wanted.map((name) => `${literal(name)}: 'VARCHAR'`).join(', ');
      return `read_json(${file}, format = 'newline_delimited', columns = {${columns}}, ${options})`;
    },
    async columns() {
      const opened = await database();
      const found = await opened.withConnection((connection) =>
        connection
          .rows(
            `SELECT DISTINCT unnest(json_keys(json)) AS key FROM read_ndjson_objects(${file}, ${options}) ORDER BY key`,
          )
          .catch(damaged),
      );
      const others = found?.map((row) => someText(row, 'key')) ?? [];
      return [...new Set([...first, ...others])];
    },
  };
}

function openCsv(
  path: string,
  columns: readonly string[],
  database: () => Promise<Database>,
): Table {
  const definitions = columns.map((column) => `${literal(column)}: 'VARCHAR'`).join(', ');
  const source = `read_csv(${literal(filePattern(path))}, auto_detect = false, hive_partitioning = false, header = true, delim = ',', quote = '"',
    escape = '"', strict_mode = true, null_padding = false, compression = 'none',
    max_line_size = ${maxLineBytes}, buffer_size = ${2 * maxLineBytes}, columns = {${definitions}})`;
  return {
    format: 'csv',
    columns,
    relation: {
      encoding: 'text',
      columns: () => Promise.resolve(columns),
      sql: (wanted) => `(SELECT ${wanted.map(identifier).join(', ')} FROM ${source})`,
    },
    async *rows(wanted) {
      refuseRepeated(columns, basename(path));
      const list = wanted.map(identifier).join(', ');
      yield* sqlRows(await database(), `SELECT ${list} FROM ${source}`, path);
    },
  };
}

async function openParquet(path: string, database: Database): Promise<Table | null> {
  const source = `read_parquet(${literal(filePattern(path))}, hive_partitioning = false)`;
  const described = await database.withConnection((connection) =>
    connection.rows(`SELECT column_name FROM (DESCRIBE SELECT * FROM ${source})`).catch(damaged),
  );
  const columns = described?.map((row) => someText(row, 'column_name')) ?? [];
  const select = (wanted: readonly string[]): string => {
    const list = wanted.map(
      (name) => `CAST(${identifier(name)} AS VARCHAR) AS ${identifier(name)}`,
    );
    return `SELECT ${list.join(', ')} FROM ${source}`;
  };
  const relation: TableRelation = {
    encoding: 'text',
    columns: () => Promise.resolve(columns),
    sql: (wanted) => `(${select(wanted)})`,
  };
  if (described === null) {
    const rows = (): AsyncIterable<TableRow[]> =>
      sqlRows(database, `SELECT * FROM ${source}`, path);
    return { format: 'parquet', columns, rows, relation };
  }
  return {
    format: 'parquet',
    columns,
    relation,
    rows: (wanted) => sqlRows(database, select(wanted), path),
    nested: {
      async fields(column) {
        const place = columns.includes(column) ? [column] : [];
        return (await fieldsOf(database, source, place).catch(damaged)) ?? [];
      },
      async *rows(wanted) {
        const list = await jsonColumns(database, source, { columns, wanted }).catch(
          (error: unknown) => {
            throw refused(error, path);
          },
        );
        yield* sqlRows(database, `SELECT ${list} FROM ${source}`, path);
      },
    },
  };
}

function damaged(error: unknown): null {
  if (error instanceof SqlError) return null;
  throw error;
}

async function* sqlRows(database: Database, sql: string, path: string): AsyncGenerator<TableRow[]> {
  const connection = await database.connect();
  let row = 0;
  try {
    for await (const batch of connection.stream(sql)) {
      yield batch.map((values) => {
        row += 1;
        return { row, values };
      });
    }
  } catch (error) {
    throw refused(error, path);
  } finally {
    connection.close();
  }
}

/** What DuckDB reports of a file, in words for the user; any other error as it is. */
function refused(error: unknown, path: string): unknown {
  if (!(error instanceof SqlError)) return error;
  return new UserError(`\`${basename(path)}\`: ${tableFault(error.reason)} (in ${path})`, {
    cause: error,
  });
}

/** The line and the fault out of DuckDB's report, whose other lines are advice about options that are not the user's. */
function tableFault(reason: string): string {
  const lines = reason.split('\n').map((line) => line.trim());
  const place = /CSV Error on Line: (\d+)/.exec(lines[0] ?? '')?.[1];
  if (place === undefined) return `cannot be read: ${(lines[0] ?? '').slice(0, 300)}`;
  const fault =
    lines.slice(1).find((line) => line !== '' && !line.startsWith('Original Line:')) ??
    'cannot be read';
  return `line ${place}: ${faults.find(([words]) => reason.includes(words))?.[1] ?? fault.slice(0, 300)}`;
}

const faults: readonly (readonly [string, string])[] = [
  ['unterminated quote', 'a quoted field is not closed, or text follows its closing quote'],
  ['Invalid unicode', 'expected UTF-8 text, found bytes that are not'],
  ['Maximum line size', `expected lines of at most ${maxLineBytes} bytes`],
];

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
