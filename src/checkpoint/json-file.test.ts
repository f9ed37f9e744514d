import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readJsonIfPresent } from './json-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sonde-json-'));
});
afterEach(() => rm(folder, { recursive: true }));

const read = async (text: string, options = {}): Promise<unknown> => {
  const path = join(folder, 'config.json');
  await writeFile(path, text);
  return readJsonIfPresent(path, 1 << 26, options);
};

describe('NaN and Infinity', () => {
  test.each([
    ['{\n  "a": 1,\n  "sliding_window": Infinity\n}', '`Infinity` as "sliding_window" on line 3'],
    ['{"rms_norm_eps" : NaN}', '`NaN` as "rms_norm_eps" on line 1'],
    ['{"a\\"NaN\\\\": "x", "b": [1, -Infinity]}', '`-Infinity` on line 1'],
    ['{"a\\"NaN": NaN}', '`NaN` as "a\\\\\\"NaN" on line 1'],
  ])('refused by field and line: %s', async (text, found) => {
    await expect(read(text)).rejects.toThrow(
      `\`config.json\`: expected a JSON object, found ${found}, which is no number in JSON: write a finite number, or null for none (in ${folder}`,
    );
  });

  test('read as null where asked for', async () => {
    const text = '{"loss": NaN, "note": "a NaN \\" Infinity", "low": -Infinity}';
    expect(await read(text, { nonFiniteAsNull: true })).toEqual({
      loss: null,
      note: 'a NaN " Infinity',
      low: null,
    });
  });

  test('no matter within strings, however long', async () => {
    expect(await read('{"note": "NaN"}')).toEqual({ note: 'NaN' });
    await expect(read(`{"note": "NaN ${'\\"'.repeat(5e6)}", oops}`)).rejects.toThrow(
      'expected a JSON object, found something else',
    );
  });
});
