import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path';
import { draftFile, type FileDraft } from './atomic.ts';
import { type Database, identifier, type SqlValue } from './connection.ts';
import { copyTo, partPath } from './parts.ts';
import type { RecordShape } from './record-shape.ts';

/** Rows that become parts together, written while they come: memory holds only the newest. */
export interface RecordDraft<T> extends AsyncDisposable {
  add(record: T): void;
  /** To be awaited now and then: writes what was added, once it is much. */
  settle(): Promise<void>;
  /** Gives everything that was added its names; nothing for no rows. Returns the parts' paths. */
  commit(): Promise<string[]>;
}

/** Added rows wait in memory up to about so many characters. */
const maxPendingLength = 16 * 1024 * 1024;

/** What a value takes besides its characters. */
const valueOverhead = 16;

type Draft = { readonly file: FileDraft; readonly name: string };

/** Parts are named by their content: what a killed process had named already is named so again. */
export function createRecordDraft<T>(
  kindDir: string,
  shape: RecordShape<T>,
  database: () => Promise<Database>,
): RecordDraft<T> {
  const drafts: Draft[] = [];
  let pending: SqlValue[][] = [];
  let length = 0;
  const write = async (): Promise<void> => {
    if (pending.length === 0) return;
    const rows = pending;
    [pending, length] = [[], 0];
    drafts.push(await writeRows(await database(), { kindDir, shape }, rows));
  };
  return {
    add(record) {
      const row = shape.toRow(record);
      pending.push(row);
      for (const value of row)
        length += valueOverhead + (typeof value === 'string' ? value.length : 0);
    },
    async settle() {
      if (length >= maxPendingLength) await write();
    },
    async commit() {
      await write();
      const paths: string[] = [];
      for (let draft = drafts.shift(); draft !== undefined; draft = drafts.shift()) {
        paths.push(await draft.file.keep(draft.name));
      }
      return paths;
    },
    async [Symbol.asyncDispose]() {
      for (const { file } of drafts) await file.drop();
    },
  };
}

async function writeRows<T>(
  database: Database,
  { kindDir, shape }: { kindDir: string; shape: RecordShape<T> },
  rows: readonly SqlValue[][],
): Promise<Draft> {
  const hash = createHash('sha256');
  for (const row of rows) hash.update(`${JSON.stringify(row)}\n`);
  const path = partPath(kindDir, {
    run: null,
    identity: hash.digest('hex').slice(0, 32),
    revision: 0,
  });
  const file = await draftFile(dirname(path));
  try {
    await database.withConnection(async (connection) => {
      const table = identifier(shape.kind);
      const columns = shape.columns.map(({ name, type }) => `${identifier(name)} ${type}`);
      await connection.run(`CREATE TEMP TABLE ${table} (${columns.join(', ')})`);
      const types = shape.columns.map(({ type }) => type);
      const appender = await connection.append(shape.kind, types);
      for (const row of rows) appender.add(row);
      appender.close();
      await copyTo(connection, file.path, `SELECT * FROM ${table}`);
    });
  } catch (error) {
    await file.drop();
    throw error;
  }
  return { file, name: basename(path) };
}
