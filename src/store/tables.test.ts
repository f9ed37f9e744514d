import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TableRow } from '../outcomes/index.ts';
import { type Database, openDatabase } from './connection.ts';
import { createTableOpener } from './tables.ts';

let dir = '';
let database: Database;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "tables '[1]*"));
  database = await openDatabase();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

async function read(
  content: string | Uint8Array | null,
  wanted?: string[],
  name = 'x.csv',
): Promise<{ format: string; columns: readonly string[]; rows: TableRow[] } | null> {
  const path = join(dir, name);
  if (content !== null) await writeFile(path, content);
  const table = await createTableOpener(() => Promise.resolve(database))(path);
  if (table === null) return null;
  const rows: TableRow[] = [];
  for await (const batch of table.rows(wanted ?? table.columns)) rows.push(...batch);
  return { format: table.format, columns: table.columns, rows };
}

describe('CSV', () => {
  test('all values are text; byte-order mark, CRLF, quotes and blank lines are understood', async () => {
    expect(
      await read('\uFEFFa,"b ""x""",c\r\n1,"x\ny",\r\n\r\n007,"",z', ['a', 'b "x"', 'c']),
    ).toEqual({
      format: 'csv',
      columns: ['a', 'b "x"', 'c'],
      rows: [
        { row: 1, values: { a: '1', 'b "x"': 'x\ny', c: null } },
        { row: 2, values: { a: '007', 'b "x"': null, c: 'z' } },
      ],
    });
    expect((await read('a,b\n1,2\n3,4\n', ['b']))?.rows.map(({ values }) => values)).toEqual([
      { b: '2' },
      { b: '4' },
    ]);
  });

  test.each([
    [
      'a,b\n1,2\n1,"2"x\n',
      'line 3: a quoted field is not closed, or text follows its closing quote',
    ],
    ['a,b\n1,"2\n3,4\n', 'line 2: a quoted field is not closed, or text follows its closing quote'],
    ['a,b\n1\n', 'line 2: Expected Number of Columns: 2 Found: 1'],
    ['a,b\n1,2,3\n', 'line 2: Expected Number of Columns: 2 Found: 3'],
    [`a,b\n1,${'x'.repeat(5_000_000)}\n`, 'line 2: expected lines of at most 4194304 bytes'],
    [
      Uint8Array.from(Buffer.from('612c620a312cff0a', 'hex')),
      'line 2: expected UTF-8 text, found bytes that are not',
    ],
  ])('%# names line and fault', async (content, expected) => {
    await expect(read(content)).rejects.toThrow(
      `\`x.csv\`: ${expected} (in ${join(dir, 'x.csv')})`,
    );
  });

  test('a column that stands twice is refused', async () => {
    await expect(read('a,b,a\n1,2,3\n')).rejects.toThrow(
      '`x.csv`: the column `a` stands twice: keep one',
    );
  });

  test('what is no table is none', async () => {
    expect(await read('')).toBeNull();
    expect(await read('\n\n')).toBeNull();
    expect(await read('a\0b\n')).toBeNull();
    expect(await read('x'.repeat(70_000))).toBeNull();
    expect(await read('{\n  "a": 1\n}')).toBeNull();
  });

  test('any texts come back as they were written', async () => {
    const field = fc.string({
      unit: fc.constantFrom('a', ',', '"', '\n', 'ü', ' ', '\t', ';', "'"),
      minLength: 1,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(field, field), { minLength: 1, maxLength: 20 }),
        async (rows) => {
          const quoted = rows.map((row) =>
            row.map((one) => `"${one.replaceAll('"', '""')}"`).join(','),
          );
          const table = await read(`a,b\n${quoted.join('\n')}\n`);
          expect(table?.rows.map(({ values }) => [values['a'], values['b']])).toEqual(rows);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('any bytes give rows, no table, or a message with the file', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const content = Buffer.concat([Buffer.from('a,b\n1,2\n'), bytes]);
        const error: unknown = await read(content).then(
          () => null,
          (cause: unknown) => cause,
        );
        if (error !== null)
          expect(`${(error as Error).name}: ${(error as Error).message}`).toMatch(
            /^UserError: `x\.csv`: (line \d+|cannot be read): /,
          );
      }),
      { numRuns: 60 },
    );
  });
});

describe('a path', () => {
  test.each([
    ['r[1].csv', 'r1.csv'],
    ['b*.csv', 'b2.csv'],
    ['q?.csv', 'qq.csv'],
    ['[[]*?].csv', '[[]aa].csv'],
    ['suite=wrong/x.csv', 'suite=wrong/y.csv'],
  ])('%s names one file, not %s', async (name, decoy) => {
    await mkdir(join(dir, 'suite=wrong'), { recursive: true });
    await writeFile(join(dir, name), 'a,suite\n1,s\n');
    await writeFile(join(dir, decoy), 'a,suite\n2,s\n');
    const rows = [{ row: 1, values: { a: '1', suite: 's' } }];
    expect(await read(null, undefined, name)).toEqual({
      format: 'csv',
      columns: ['a', 'suite'],
      rows,
    });
    await database.withConnection(async (connection) => {
      for (const [file, value] of [
        [name, 1],
        [decoy, 2],
      ] as const) {
        const path = join(dir, file).replaceAll("'", "''");
        await connection.run(
          `COPY (SELECT ${value} AS a, 's' AS suite) TO '${path}' (FORMAT parquet)`,
        );
      }
    });
    expect(await read(null, undefined, name)).toEqual({
      format: 'parquet',
      columns: ['a', 'suite'],
      rows,
    });
  });
});

describe('JSONL', () => {
  test('values keep their types, rows are lines', async () => {
    expect(await read('{"a":1,"b":null}\n\n{"a":"x","c":[1]}\n')).toEqual({
      format: 'jsonl',
      columns: ['a', 'b'],
      rows: [
        { row: 1, values: { a: 1, b: null } },
        { row: 3, values: { a: 'x', c: [1] } },
      ],
    });
  });

  test('names the line that is wrong', async () => {
    await expect(read('{"a":1}\n{')).rejects.toThrow('`x.csv, line 2`: expected one JSON object');
    await expect(read('{"a":1}\n[1]')).rejects.toThrow('`x.csv`, line 2: expected one JSON object');
  });
});

describe('Parquet', () => {
  async function write(query: string): Promise<void> {
    const path = join(dir, 'x.csv').replaceAll("'", "''");
    await database.withConnection((connection) =>
      connection.run(`COPY (${query}) TO '${path}' (FORMAT parquet)`),
    );
  }

  test('values come as text, exactly', async () => {
    await write(`SELECT 9007199254740993::BIGINT AS a, 0.1::DOUBLE AS b, NULL::INTEGER AS c, 'x' AS d, [1] AS e,
      1e21::DOUBLE AS f, 'NaN'::DOUBLE AS g, true AS h, 1.50::DECIMAL(9, 2) AS i`);
    expect(await read(null)).toEqual({
      format: 'parquet',
      columns: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'],
      rows: [
        {
          row: 1,
          values: {
            a: '9007199254740993',
            b: '0.1',
            c: null,
            d: 'x',
            e: '[1]',
            f: '1e+21',
            g: 'nan',
            h: 'true',
            i: '1.50',
          },
        },
      ],
    });
  });

  test('a damaged file is refused with its name', async () => {
    await expect(read('PAR1 and nothing')).rejects.toThrow(/^`x\.csv`: cannot be read: .* \(in /);
  });

  test('thousands of rows come in order', async () => {
    await write('SELECT range AS a FROM range(10000)');
    const table = await read(null);
    expect(table?.rows.every(({ row, values }) => values['a'] === String(row - 1))).toBe(true);
    expect(table?.rows).toHaveLength(10_000);
  });
});
