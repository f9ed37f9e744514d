/**
 * Records on their way into a part: in temporary files of the part's own form, so that memory is bounded however many there
 * are, and so that the only one is the part already. They lie apart from the store: what is refused leaves nothing there.
 */
import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LogFilter, type OutcomeRecord, sourceRow } from '../outcomes/index.ts';
import { atomicWrite } from './atomic.ts';
import { type Appender, type Connection, filePattern, identifier, literal } from './connection.ts';
import { toValues } from './outcome-rows.ts';
import { recordColumns, recordNames } from './outcome-sql.ts';
import { copyTo, rowGroupRows } from './parts.ts';

/** What every row of a part says of the part. */
export type PartMarks = {
  readonly part: string;
  readonly origin: string;
  readonly name: string | null;
};

/** From the number of a staged record, from 1, to its row or line in the file. */
export type RowOf = (number: number) => number;

export interface Staging extends AsyncDisposable {
  /** Stages the result of a query, as one file, in no particular order. */
  copy(records: string): Promise<void>;
  /** Stages records one after the other. */
  add(records: AsyncIterable<OutcomeRecord> | Iterable<OutcomeRecord>): Promise<RowOf>;
  /** Makes the view `staged` of everything that was staged, with `row`; questions under a filter that was withdrawn are left out. */
  createView(withdrawn: readonly LogFilter[]): Promise<void>;
  /** Writes it as a part, where the view is one file as it is; else false. */
  keep(path: string): Promise<boolean>;
}

type StagedFile = { readonly path: string; readonly rows: number | null };

export async function createStaging(connection: Connection, marks: PartMarks): Promise<Staging> {
  const folder = join(tmpdir(), `sonde-staging-${randomUUID()}`);
  await mkdir(folder, { mode: 0o700 });
  const files: StagedFile[] = [];
  let isWhole = false;
  const stage = async (records: string, rows: number | null): Promise<void> => {
    const path = join(folder, `${files.length}.parquet`);
    files.push({ path, rows });
    const select = `SELECT ${recordNames}, ${marksSql(marks)} FROM (${records})`;
    await copyTo(connection, path, select);
  };
  return {
    async copy(records) {
      // In the order of the file, threads would wait for each other with all of their columns in memory.
      await connection.run('SET preserve_insertion_order = false');
      // Readers of files hold some pieces a thread; nothing else is in memory then.
      await connection.run("SET memory_limit = '256MiB'");
      try {
        await stage(records, null);
      } finally {
        await connection.run('SET preserve_insertion_order = true');
      }
    },
    async add(records) {
      const batch = new Batch(connection, (rows) => stage(`SELECT * FROM ${batchTable}`, rows));
      const places = createPlaces();
      let number = 0;
      for await (const record of records) {
        number += 1;
        places.note(record, number);
        if (batch.rows === 0) await batch.open();
        batch.add(record);
        if (batch.rows === rowGroupRows) await batch.write();
      }
      if (files.length === 0 && batch.rows === 0) await batch.open();
      if (files.length === 0 || batch.rows > 0) await batch.write();
      return places.rowOf;
    },
    async createView(withdrawn) {
      isWhole = withdrawn.length === 0;
      const left = withdrawn.map(
        ({ task, filter }) =>
          `(item IS NOT NULL AND task = ${literal(task)} AND filter IS NOT DISTINCT FROM ${literal(filter)})`,
      );
      const where = isWhole ? '' : `WHERE NOT (${left.join(' OR ')})`;
      await connection.run(`CREATE TEMP VIEW staged AS SELECT * FROM (${viewSql(files)}) ${where}`);
    },
    async keep(path) {
      const [only] = files;
      if (only === undefined || files.length > 1 || !isWhole) return false;
      await atomicWrite(path, (temporary) => copyFile(only.path, temporary));
      return true;
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

function marksSql({ part, origin, name }: PartMarks): string {
  const shown = name === null ? 'CAST(NULL AS VARCHAR)' : literal(name);
  return `${literal(origin)} AS origin, ${shown} AS origin_name, CAST(0 AS BIGINT) AS revision,
    ${literal(part)} AS part`;
}

/** The files in their order; only of the last one the number of rows may be unknown. */
function viewSql(files: readonly StagedFile[]): string {
  let before = 0;
  const selects = files.map(({ path: file, rows }) => {
    const path = literal(filePattern(file));
    const sql = `SELECT * EXCLUDE (file_row_number), file_row_number + ${before + 1} AS row
      FROM read_parquet(${path}, file_row_number = true, hive_partitioning = false)`;
    before += rows ?? 0;
    return sql;
  });
  return selects.join(' UNION ALL ');
}

const batchTable = 'staged_batch';

/** Rows in memory, until they fill a file. */
class Batch {
  rows = 0;
  readonly #connection: Connection;
  readonly #stage: (rows: number) => Promise<void>;
  #appender: Appender | null = null;

  constructor(connection: Connection, stage: (rows: number) => Promise<void>) {
    this.#connection = connection;
    this.#stage = stage;
  }

  async open(): Promise<void> {
    const columns = recordColumns.map(({ name, type }) => `${identifier(name)} ${type}`);
    await this.#connection.run(`CREATE TEMP TABLE ${batchTable} (${columns.join(', ')})`);
    const types = recordColumns.map(({ type }) => type);
    this.#appender = await this.#connection.append(batchTable, types);
  }

  add(record: OutcomeRecord): void {
    this.#appender?.add(toValues(record));
    this.rows += 1;
  }

  async write(): Promise<void> {
    this.#appender?.close();
    await this.#stage(this.rows);
    await this.#connection.run(`DROP TABLE ${batchTable}`);
    this.rows = 0;
  }
}

/** Blank lines are few: it is enough to know from which records on how many were passed over. */
function createPlaces(): { note(record: OutcomeRecord, number: number): void; rowOf: RowOf } {
  const shifts = [{ from: 1, by: 0 }];
  return {
    note(record, number) {
      const by = sourceRow(record, number) - number;
      if (by !== shifts.at(-1)?.by) shifts.push({ from: number, by });
    },
    rowOf: (wanted) => wanted + (shifts.findLast(({ from }) => from <= wanted)?.by ?? 0),
  };
}
