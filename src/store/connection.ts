/**
 * DuckDB, in memory, over files: nothing of it is kept. The only importer of the native module.
 */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  DuckDBDataChunk,
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBValue,
  VARCHAR,
} from '@duckdb/node-api';

export type SqlType = 'VARCHAR' | 'DOUBLE' | 'BIGINT' | 'BOOLEAN';
/** 64-bit integers are read as numbers: what is stored in them was checked to be exact. */
export type SqlValue = string | number | boolean | null;
export type SqlRow = Record<string, SqlValue>;
export type SqlParameters = Readonly<Record<string, SqlValue>>;

export interface Connection {
  run(sql: string, parameters?: SqlParameters): Promise<void>;
  rows(sql: string, parameters?: SqlParameters): Promise<SqlRow[]>;
  /** The result in batches of at most a few thousand rows, read as they are needed. */
  stream(sql: string, parameters?: SqlParameters): AsyncIterable<SqlRow[]>;
  /** Appends rows, columns in the order of `types`, to a table that exists. */
  append(table: string, types: readonly SqlType[]): Promise<Appender>;
}

export interface Appender {
  add(row: readonly SqlValue[]): void;
  /** Writes what is pending; the appender is used no more. */
  close(): void;
}

export interface OpenConnection extends Connection {
  close(): void;
}

export interface Database {
  /** A connection for longer than one call: to be closed. */
  connect(): Promise<OpenConnection>;
  /** A connection of its own: temporary tables are private, and a result that is streamed is not disturbed. */
  withConnection<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The databases of a store, opened when they are needed first. */
export type Databases = {
  readonly database: () => Promise<Database>;
  /** For writing: it keeps little in memory. */
  readonly staging: () => Promise<Database>;
};

const mebibyte = 1024 * 1024;
/** What a data chunk holds at most (DuckDB's vector size). */
const chunkRows = 2048;
const types = { VARCHAR, DOUBLE, BIGINT, BOOLEAN };

/** A quarter of the machine's memory, 512 MiB to 4 GiB. */
const defaultMemoryMiB = Math.round(Math.max(512, Math.min(4096, totalmem() / mebibyte / 4)));

/** A database in memory that cannot load extensions; what outgrows its memory limit goes to the temporary folder. */
export async function openDatabase(memoryMiB: number = defaultMemoryMiB): Promise<Database> {
  const spill = join(tmpdir(), `sonde-duckdb-${randomUUID()}`);
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(Math.min(8, availableParallelism())),
    memory_limit: `${memoryMiB}MiB`,
    temp_directory: spill,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_unsigned_extensions: 'false',
  });
  const connect = async (): Promise<OpenConnection> => {
    const connection = await instance.connect();
    return {
      ...wrap(connection),
      close() {
        connection.closeSync();
      },
    };
  };
  return {
    connect,
    async withConnection(work) {
      const connection = await connect();
      try {
        return await work(connection);
      } finally {
        connection.close();
      }
    },
    async [Symbol.asyncDispose]() {
      instance.closeSync();
      await rm(spill, { recursive: true, force: true });
    },
  };
}

/** A text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The pattern that only this path meets: functions that read files take patterns. */
export function filePattern(path: string): string {
  return path.replaceAll(/[*?[]/g, '[$&]');
}

/** A name as an SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function wrap(connection: DuckDBConnection): Connection {
  return {
    run: (sql, parameters) =>
      guarded(sql, async () => {
        await connection.run(sql, { ...parameters });
      }),
    rows: (sql, parameters) =>
      guarded(sql, async () => {
        const reader = await connection.runAndReadAll(sql, { ...parameters });
        return reader.getRowObjects().map(plainRow);
      }),
    async *stream(sql, parameters) {
      const result = await guarded(sql, () => connection.stream(sql, { ...parameters }));
      const names = result.deduplicatedColumnNames();
      for (;;) {
        const chunk = await guarded(sql, () => result.fetchChunk());
        if (chunk === null || chunk.rowCount === 0) return;
        yield toRows(chunk, names);
      }
    },
    append: (table, columns) => createAppender(connection, table, columns),
  };
}

function toRows(chunk: DuckDBDataChunk, names: readonly string[]): SqlRow[] {
  const rows: SqlRow[] = Array.from({ length: chunk.rowCount }, () => ({}));
  names.forEach((name, column) => {
    chunk.getColumnValues(column).forEach((value, index) => {
      const row = rows[index];
      if (row !== undefined) row[name] = plainValue(value);
    });
  });
  return rows;
}

function plainRow(row: Record<string, DuckDBValue>): SqlRow {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plainValue(value)]));
}

function plainValue(value: DuckDBValue): SqlValue {
  if (typeof value === 'bigint') return Number(value);
  if (value === null || typeof value !== 'object') return value;
  throw new TypeError(`expected a plain SQL value, got ${String(value)}: cast it in the query`);
}

async function createAppender(
  connection: DuckDBConnection,
  table: string,
  columns: readonly SqlType[],
): Promise<Appender> {
  const appender = await connection.createAppender(table);
  const pending: DuckDBValue[][] = columns.map(() => []);
  const flush = (): void => {
    const chunk = DuckDBDataChunk.create(columns.map((type) => types[type]));
    chunk.setColumns(pending);
    appender.appendDataChunk(chunk);
    for (const values of pending) values.length = 0;
  };
  return {
    add(row) {
      columns.forEach((type, index) => pending[index]?.push(toDuckDb(row[index] ?? null, type)));
      if (pending[0]?.length === chunkRows) flush();
    },
    close() {
      if (pending[0] !== undefined && pending[0].length > 0) flush();
      appender.closeSync();
    },
  };
}

function toDuckDb(value: SqlValue, type: SqlType): DuckDBValue {
  return type === 'BIGINT' && typeof value === 'number' ? BigInt(value) : value;
}

async function guarded<T>(sql: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SqlError(reason, sql, cause);
  }
}

/** A statement failed; the readers of users' files turn it into their own words. */
export class SqlError extends Error {
  override readonly name: string = 'SqlError';
  readonly reason: string;

  constructor(reason: string, sql: string, cause: unknown) {
    super(`${reason}\nin: ${sql.slice(0, 4000)}`, { cause });
    this.reason = reason;
  }
}
