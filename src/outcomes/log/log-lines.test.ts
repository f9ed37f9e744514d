import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { firstLogLine, parseLogLine, readLogLines } from './log-lines.ts';

const scratch = mkdtempSync(join(tmpdir(), 'sonde-log-lines-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const path = join(scratch, 'log.jsonl');

async function valuesOf(content: string | Buffer): Promise<[number, unknown][]> {
  writeFileSync(path, content);
  const all: [number, unknown][] = [];
  for await (const lines of readLogLines(path)) {
    for (const line of lines) all.push([line.line, parseLogLine('log.jsonl', line)]);
  }
  return all;
}

describe('readLogLines', () => {
  it('counts blank lines, and gives those that are not', async () => {
    expect(await valuesOf('\uFEFF{"a": NaN}\r\n\n  \n[1]\n"end"')).toEqual([
      [1, { a: null }],
      [4, [1]],
      [5, 'end'],
    ]);
    expect(await valuesOf('')).toEqual([]);
  });

  it('gives back what was written, also in lines longer than a piece of the file', async () => {
    const value = fc.oneof(
      fc.json().map((text) => JSON.parse(text) as unknown),
      fc.constant('é'.repeat(700_000)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(value, { maxLength: 6 }), async (values) => {
        const text = values.map((one) => `${JSON.stringify(one)}\n`).join('');
        expect((await valuesOf(text)).map(([, one]) => one)).toEqual(
          JSON.parse(JSON.stringify(values)),
        );
      }),
      { numRuns: 10 },
    );
  });

  it('names the line of what is no JSON, and of what is no text', async () => {
    await expect(valuesOf('1\n{"a"\n')).rejects.toThrow('`log.jsonl`, line 2: expected JSON: ');
    await expect(valuesOf(Buffer.from([0x31, 0x0a, 0x22, 0xff, 0x22]))).rejects.toThrow(
      '`log.jsonl`, line 2: expected UTF-8 text, found bytes that are not',
    );
    await expect(readLogLines(join(scratch, 'absent')).next()).rejects.toThrow(
      '`absent`: cannot be read',
    );
  });
});

describe('firstLogLine', () => {
  it('gives null for what begins with no line of JSON', async () => {
    writeFileSync(path, '\n{"a": 1}\nnonsense');
    expect(await firstLogLine(path)).toEqual({ a: 1 });
    writeFileSync(path, '{\n"a": 1}');
    expect(await firstLogLine(path)).toBe(null);
    expect(await firstLogLine(join(scratch, 'absent'))).toBe(null);
  });
});
