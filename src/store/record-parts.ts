import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type Databases, identifier, type SqlRow, type SqlValue } from './connection.ts';
import { type OutcomeQuery, whereSql } from './outcome-sql.ts';
import type { RecordShape } from './record-shape.ts';
import { createRecordDraft, type RecordDraft } from './record-draft.ts';
import { damagedPart, listParts, partPath, readPartsSql, writePart } from './parts.ts';

export type RecordQuery = Pick<OutcomeQuery, 'suite' | 'tasks' | 'checkpoints' | 'items'>;

/** Some fields of the rows that have these values: names cost more than all else when many rows are read. */
export type RecordFields<T, Field extends keyof T> = {
  readonly fields: readonly Field[];
  readonly equal?: { readonly [Name in keyof T]?: T[Name] & SqlValue };
};

export interface RecordParts<T> {
  /** The columns of its files, and a row of them. */
  readonly shape: Pick<RecordShape<T>, 'columns' | 'toRow'>;
  /** Writes rows as one part, named by their content; nothing for no rows. Returns its path. */
  write(
    records: Iterable<T> | AsyncIterable<T>,
    options?: { run?: string | null },
  ): Promise<string | null>;
  /** Rows that are written while they come; nobody sees them before `commit`. */
  draft(): RecordDraft<T>;
  /** Rows in the order of their key, in batches. */
  stream(query?: RecordQuery): AsyncIterable<T[]>;
  /** The same, narrowed. */
  streamFields<Field extends keyof T & string>(
    query: RecordQuery,
    choice: RecordFields<T, Field>,
  ): AsyncIterable<Pick<T, Field>[]>;
  list(query?: RecordQuery): Promise<T[]>;
}

/** Parts of one row type in a store. */
export function createRecordParts<T>(
  dir: string,
  shape: RecordShape<T>,
  { database, staging }: Databases,
): RecordParts<T> {
  const kindDir = join(dir, shape.kind);
  const table = identifier(shape.kind);
  const definitions = shape.columns
    .map(({ name, type }) => `${identifier(name)} ${type}`)
    .join(', ');
  const allFields = shape.columns.map(({ field }) => field);
  const key = shape.key.map(identifier).join(', ');
  // Rows of one key that differ elsewhere have an order too, so that the same one is read every time.
  const values = shape.columns.filter(({ name }) => !shape.key.includes(name));
  const order = [key, ...values.map(({ name }) => identifier(name))].join(', ');

  const whereEqual = (
    { where, parameters }: ReturnType<typeof whereSql>,
    equal: RecordFields<T, never>['equal'] = {},
  ): ReturnType<typeof whereSql> => {
    const own = shape.columns.flatMap(({ name, field }, index) => {
      const value = equal[field];
      return value === undefined ? [] : [{ name, key: `own${index}`, value }];
    });
    return {
      where: [where, ...own.map(({ name, key }) => `${identifier(name)} = $${key}`)].join(' AND '),
      parameters: {
        ...parameters,
        ...Object.fromEntries(own.map(({ key, value }) => [key, value])),
      },
    };
  };

  async function* rowsOf(
    query: RecordQuery,
    { fields, equal = {} }: RecordFields<T, keyof T>,
  ): AsyncGenerator<SqlRow[]> {
    const parts = await listParts(kindDir);
    if (parts.length === 0) return;
    const { where, parameters } = whereEqual(whereSql(query), equal);
    const names = shape.columns
      .filter(({ field }) => fields.includes(field))
      .map(({ name }) => identifier(name));
    const connection = await (await database()).connect();
    try {
      const sql = `SELECT DISTINCT ON (${key}) ${names.join(', ')} FROM ${readPartsSql(parts, shape.columns)} WHERE ${where} ORDER BY ${order}`;
      yield* connection.stream(sql, parameters);
    } catch (error) {
      throw damagedPart(error, parts) ?? error;
    } finally {
      connection.close();
    }
  }

  async function* stream(query: RecordQuery = {}): AsyncGenerator<T[]> {
    for await (const rows of rowsOf(query, { fields: allFields })) {
      yield rows.map((row) => shape.fromRow(row));
    }
  }

  return {
    shape,
    stream,
    async *streamFields(query, choice) {
      const read = shape.reader(choice.fields);
      for await (const rows of rowsOf(query, choice)) yield rows.map(read);
    },
    draft: () => createRecordDraft(kindDir, shape, staging),
    async list(query) {
      const all: T[] = [];
      for await (const records of stream(query)) all.push(...records);
      return all;
    },
    async write(records, { run = null } = {}) {
      return (await staging()).withConnection(async (connection) => {
        await connection.run(`CREATE TEMP TABLE ${table} (${definitions})`);
        const appender = await connection.append(
          shape.kind,
          shape.columns.map(({ type }) => type),
        );
        const hash = createHash('sha256');
        let count = 0;
        for await (const record of records) {
          const row = shape.toRow(record);
          hash.update(`${JSON.stringify(row)}\n`);
          appender.add(row);
          count += 1;
        }
        appender.close();
        if (count === 0) return null;
        const identity = hash.digest('hex').slice(0, 32);
        const path = partPath(kindDir, { run, identity, revision: 0 });
        await writePart(connection, path, `SELECT * FROM ${table}`);
        return path;
      });
    },
  };
}
