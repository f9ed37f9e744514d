import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CsvRow, csvRows } from './csv-rows.ts';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'sonde-csv-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

async function read(content: string | Uint8Array, maxRowBytes?: number): Promise<CsvRow[]> {
  const path = join(dir, 'x.csv');
  writeFileSync(path, content);
  const rows: CsvRow[] = [];
  for await (const row of csvRows(path, maxRowBytes === undefined ? {} : { maxRowBytes })) {
    rows.push(row);
  }
  return rows;
}

const quotedCell = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;

test('reads back any cells, quoted or not, whatever the line ends', async () => {
  const plain = fc.stringMatching(/^[a-z0-9 .;é]{1,6}$/);
  const cell = fc.oneof(
    plain,
    fc.string({ unit: 'binary-ascii' }).map((text) => ({ text })),
  );
  const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(rows, fc.constantFrom('\n', '\r\n'), async (given, end) => {
      const lines = given.map((row) =>
        row.map((one) => (typeof one === 'string' ? one : quotedCell(one.text))).join(','),
      );
      const found = await read(lines.map((line) => line + end).join(''));
      expect(found.map(({ cells }) => cells)).toEqual(
        given.map((row) => row.map((one) => (typeof one === 'string' ? one : one.text))),
      );
    }),
    { numRuns: 60 },
  );
});

test('keeps the line ends inside of quotes', async () => {
  expect(await read('a,b\r\n"x\r\ny\r",2\r\n')).toEqual([
    { line: 1, cells: ['a', 'b'] },
    { line: 2, cells: ['x\r\ny\r', '2'] },
  ]);
});

test('numbers the lines on which rows begin; a mark and blank lines are passed over', async () => {
  expect(await read('\uFEFFa,b\n\n"x\ny",2\nlast,')).toEqual([
    { line: 1, cells: ['a', 'b'] },
    { line: 3, cells: ['x\ny', '2'] },
    { line: 5, cells: ['last', ''] },
  ]);
});

test.each([
  ['a,b\n"1,2\n', '`x.csv`, line 2: a quoted field is not closed'],
  ['a,b\n"1"x,"2"\n', '`x.csv`, line 2: text follows the quotes of a field'],
  [Uint8Array.of(0x61, 0x0a, 0xff), '`x.csv`, line 2: expected UTF-8 text'],
])('refuses %j', async (content, message) => {
  await expect(read(content)).rejects.toThrow(message);
});

test('a row that is too long is refused', async () => {
  await expect(read(`a\n${'b,'.repeat(100)}`, 50)).rejects.toThrow(
    '`x.csv`: expected rows of at most 50 bytes, the one on line 2 is longer',
  );
});
