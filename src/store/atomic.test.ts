import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { atomicWrite, atomicWriteFolder, isTemporaryName, removeStale } from './atomic.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'atomic-'));
});
afterEach(() => rm(dir, { recursive: true }));

test('a file appears whole, in folders that are made for it, and can be replaced', async () => {
  const path = join(dir, 'a/b/c.json');
  await atomicWrite(path, async (temporary) => {
    await writeFile(temporary, 'one');
    expect(isTemporaryName(temporary.split('/').at(-1) ?? '')).toBe(true);
    expect(await readdir(join(dir, 'a/b'))).not.toContain('c.json');
  });
  await atomicWrite(path, (temporary) => writeFile(temporary, 'two'));
  expect(await readFile(path, 'utf8')).toBe('two');
  expect(await readdir(join(dir, 'a/b'))).toEqual(['c.json']);
});

test('nothing is left of a write that fails, and the old file stays', async () => {
  const path = join(dir, 'x');
  await writeFile(path, 'old');
  const failing = atomicWrite(path, async (temporary) => {
    await writeFile(temporary, 'half');
    throw new Error('full');
  });
  await expect(failing).rejects.toThrow('full');
  expect(await readFile(path, 'utf8')).toBe('old');
  await expect(atomicWriteFolder(dir, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await readdir(dir)).toEqual(['x']);
});

test('a folder appears whole; the same name again keeps the first', async () => {
  const fill = (content: string) => async (folder: string) => {
    await mkdir(join(folder, 'inner'));
    await writeFile(join(folder, 'inner/file'), content);
    return 'name';
  };
  expect(await atomicWriteFolder(dir, fill('one'))).toBe(join(dir, 'name'));
  await atomicWriteFolder(dir, fill('two'));
  expect(await readFile(join(dir, 'name/inner/file'), 'utf8')).toBe('one');
  expect(await readdir(dir)).toEqual(['name']);
});

test('what killed processes left is removed after a day', async () => {
  const now = Date.now();
  for (const name of ['.old.tmp', '.new.tmp', 'kept']) await writeFile(join(dir, name), '');
  const dayAgo = (now - 25 * 60 * 60 * 1000) / 1000;
  await utimes(join(dir, '.old.tmp'), dayAgo, dayAgo);
  await utimes(join(dir, 'kept'), dayAgo, dayAgo);
  await removeStale(dir, now);
  expect((await readdir(dir)).sort()).toEqual(['.new.tmp', 'kept']);
});
