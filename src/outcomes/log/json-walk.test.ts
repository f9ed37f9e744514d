import { describe, expect, it } from 'vitest';
import { ByteReader } from './byte-reader.ts';
import { isArrayNext, isObjectNext, walkArray, walkObject } from './json-walk.ts';
import { parseJson } from './parse-json.ts';

function readerOf(text: string, size = 5): ByteReader {
  const bytes = Buffer.from(text);
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += size) {
      await Promise.resolve();
      yield bytes.subarray(at, at + size);
    }
  }
  return new ByteReader(chunks(), { name: 'log.json', maxBytes: 12 });
}

describe('walkObject', () => {
  it('goes into what is wanted and skips the rest, however long', async () => {
    const reader = readerOf(
      `{"a": 1, "long": ["${'x'.repeat(100)}", "]\\""], "in": [{"b": 2}, {}], "e": []}`,
    );
    const seen: unknown[] = [];
    for await (const key of walkObject(reader, '`log.json`')) {
      if (key === 'a') seen.push(parseJson(await reader.value(), 'a'));
      else if (await isArrayNext(reader)) {
        if (key === 'long') await reader.skip();
        else {
          for await (const index of walkArray(reader)) {
            expect(await isObjectNext(reader)).toBe(true);
            for await (const inner of walkObject(reader, 'in')) {
              seen.push([index, inner, parseJson(await reader.value(), 'b')]);
            }
          }
        }
      }
    }
    expect(seen).toEqual([1, [0, 'b', 2]]);
  });

  it.each([
    ['{"a": [1, 2}', '`log.json`, byte 11: expected JSON to go on with `,` or `]`, found `}`'],
    ['{"a": 1 "b"', '`log.json`, byte 8: expected JSON to go on with `,` or `}`, found `"`'],
    ['{"a": ["x', '`log.json`, byte 9: expected JSON to go on with a value, it ends there'],
    ['{"a": "0123456789abc"}', '`log.json`: expected parts of at most 12 bytes'],
    ['[]', '`log.json`, byte 0: expected JSON to go on with `{`, found `[`'],
  ])('refuses %s', async (text, message) => {
    const reader = readerOf(text);
    const walk = async (): Promise<void> => {
      const names = walkObject(reader, '`log.json`');
      while ((await names.next()).done !== true) {
        if (!(await isArrayNext(reader))) {
          await reader.value();
          continue;
        }
        const places = walkArray(reader);
        while ((await places.next()).done !== true) await reader.skip();
      }
    };
    await expect(walk()).rejects.toThrow(message);
  });
});
