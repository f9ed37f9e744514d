import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ColumnPath, Table } from '../outcomes/index.ts';
import { type Database, literal, openDatabase } from './connection.ts';
import { createTableOpener } from './tables.ts';

let dir = '';
let database: Database;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nested-'));
  database = await openDatabase();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

async function parquet(select: string): Promise<Table> {
  const path = join(dir, 'x|y:0.parquet');
  await database.withConnection((connection) =>
    connection.run(`COPY (${select}) TO ${literal(path)} (FORMAT parquet)`),
  );
  const table = await createTableOpener(() => Promise.resolve(database))(path);
  if (table === null) throw new Error('no table');
  return table;
}

async function read(
  table: Table,
  wanted: Readonly<Record<string, ColumnPath>>,
): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for await (const batch of table.nested?.rows(wanted) ?? []) {
    rows.push(...batch.map(({ values }) => values));
  }
  return rows;
}

test('gives structs, lists and fields of them as texts of JSON, absent ones as null', async () => {
  const table = await parquet(
    `SELECT {'query': 'a "b"', 'deep': {'it''s': [1, 2]}} AS doc,
       {'pass@k:k=1&n=16': 0.0625, 'odd': 'nan'::DOUBLE} AS metric, [1, 2] AS list
     UNION ALL SELECT NULL, NULL, NULL`,
  );
  expect(await table.nested?.fields('doc')).toEqual(['query', 'deep']);
  expect(await table.nested?.fields('list')).toEqual([]);
  expect(await table.nested?.fields('none')).toEqual([]);
  const wanted = {
    query: ['doc', 'query'],
    deep: ['doc', 'deep', "it's"],
    metric: ['metric'],
    'no column': ['x', 'y'],
    'no field': ['doc', 'gold'],
    'no struct': ['list', 'x'],
  } as const;
  expect(await read(table, wanted)).toEqual([
    {
      query: '"a \\"b\\""',
      deep: '[1,2]',
      metric: '{"pass@k:k=1&n=16":0.0625,"odd":NaN}',
      'no column': null,
      'no field': null,
      'no struct': null,
    },
    {
      query: null,
      deep: null,
      metric: null,
      'no column': null,
      'no field': null,
      'no struct': null,
    },
  ]);
});

test('keeps the order of rows over many batches', async () => {
  const table = await parquet(`SELECT {'id': i} AS doc FROM range(300000) AS numbers(i)`);
  const rows = await read(table, { id: ['doc', 'id'] });
  expect(rows).toHaveLength(300_000);
  expect(rows.every(({ id }, index) => id === String(index))).toBe(true);
});

test('only Parquet has nested columns', async () => {
  const path = join(dir, 'x.csv');
  await writeFile(path, 'a,b\n1,2\n');
  const table = await createTableOpener(() => Promise.resolve(database))(path);
  expect(table?.nested).toBeUndefined();
});
