import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { canonicalJson, createFrozenFolder } from './frozen-folder.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'frozen-'));
});
afterEach(async () => rm(dir, { recursive: true }));

test('a document is written once', async () => {
  const folder = createFrozenFolder(join(dir, 'forecasts'));
  expect(await folder.list()).toEqual([]);
  expect(await folder.read('a1')).toBeNull();
  expect(await folder.create('a1', { value: 0.1, missing: undefined, none: null })).toBe(true);
  expect(await folder.create('a1', { value: 2 })).toBe(false);
  expect(await folder.read('a1')).toMatchObject({
    id: 'a1',
    intact: true,
    document: { id: 'a1', value: 0.1, none: null },
  });
  expect(await readdir(join(dir, 'forecasts'))).toEqual(['a1.json']);
});

test('many processes at once write one of them, whole', async () => {
  const folder = createFrozenFolder(dir);
  const created = await Promise.all(
    Array.from({ length: 20 }, (_, value) => folder.create('a1', { value })),
  );
  expect(created.filter(Boolean)).toHaveLength(1);
  expect((await folder.read('a1'))!.intact).toBe(true);
  expect(await readdir(dir)).toEqual(['a1.json']);
});

test.each([
  ['a value', (text: string) => text.replace('0.5', '0.6')],
  ['the id', (text: string) => text.replace('"a1"', '"a2"')],
  ['the seal', (text: string) => text.replace(/"sha256": ".{8}/, '"sha256": "00000000')],
  ['no seal', (text: string) => text.replace(/,\s*"sha256": "[^"]*"/, '')],
  ['all of it', () => '[1]'],
  ['half of it', (text: string) => text.slice(0, 20)],
])('a change of %s is noticed', async (_, change) => {
  const folder = createFrozenFolder(dir);
  await folder.create('a1', { value: 0.5, list: [1, { b: 1, a: 2 }] });
  const text = await readFile(join(dir, 'a1.json'), 'utf8');
  await writeFile(join(dir, 'a1.json'), change(text));
  expect((await folder.list()).map(({ id, intact }) => [id, intact])).toEqual([['a1', false]]);
});

test('spaces and the order of keys are no change; folders and other files are none of its', async () => {
  const folder = createFrozenFolder(dir);
  await folder.create('a1', { value: 0.5, more: { b: 1, a: 2 } });
  const document = JSON.parse(await readFile(join(dir, 'a1.json'), 'utf8')) as object;
  const reversed = Object.fromEntries(Object.entries(document).reverse());
  await writeFile(join(dir, 'a1.json'), JSON.stringify(reversed));
  await mkdir(join(dir, 'scores.json'));
  await writeFile(join(dir, 'notes.txt'), 'mine');
  expect(await folder.list()).toMatchObject([{ id: 'a1', intact: true }]);
  expect(canonicalJson({ b: [2, 1], a: undefined, c: { z: 1, y: null } })).toBe(
    '{"b":[2,1],"c":{"y":null,"z":1}}',
  );
});
