import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type JsonLine, type JsonLinesOptions, readJsonLines } from './json-lines.ts';

let dir = '';
let path = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lines-'));
  path = join(dir, 'a.jsonl');
});
afterAll(() => rm(dir, { recursive: true }));

async function read(content: string | Uint8Array, options?: JsonLinesOptions): Promise<JsonLine[]> {
  await writeFile(path, content);
  const lines: JsonLine[] = [];
  for await (const line of readJsonLines(path, options)) lines.push(line);
  return lines;
}

test('reads back any values, whatever the line ends', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.json()), fc.constantFrom('\n', '\r\n'), async (values, end) => {
      const lines = await read(values.map((value) => value + end).join(''));
      expect(lines).toEqual(
        values.map((value, index) => ({ line: index + 1, value: JSON.parse(value) as unknown })),
      );
    }),
    { numRuns: 50 },
  );
});

test('lines longer than a chunk of the stream are whole', async () => {
  const long = 'ü'.repeat(200_000);
  expect(await read(`\uFEFF1\n\n"${long}"\n{}`)).toEqual([
    { line: 1, value: 1 },
    { line: 3, value: long },
    { line: 4, value: {} },
  ]);
});

test('names the line that is wrong', async () => {
  await expect(read('1\n{', { name: 'x' })).rejects.toThrow(
    /^`x, line 2`: expected one JSON object, got \{ \(/,
  );
  await expect(read(Uint8Array.of(0x31, 0x0a, 0xff), { name: 'x' })).rejects.toThrow(
    '`x, line 2`: expected UTF-8 text, found bytes that are not',
  );
  await expect(read(`1\n"${'a'.repeat(100)}"`, { name: 'x', maxLineBytes: 50 })).rejects.toThrow(
    '`x`: expected lines of at most 50 bytes, line 2 is longer',
  );
  await expect(readJsonLines(join(dir, 'none')).next()).rejects.toThrow(/cannot be read: .*ENOENT/);
});
