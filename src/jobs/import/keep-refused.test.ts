import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore, type RefusedImport, type Store } from '../../store/index.ts';
import { importRecords } from './import-records.ts';

const header = 'suite,task,item,checkpoint,run,step,k,n';

let dir = '';
let store: Store;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'refused-'));
  store = await openStore(join(dir, '.sonde'));
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

async function file(name: string, row: string): Promise<string> {
  await writeFile(join(dir, name), `${header}\n${row}\n`);
  return join(dir, name);
}

const kept = async (): Promise<Omit<RefusedImport, 'id' | 'schemaVersion'>[]> =>
  (await store.refusedImports.list()).map(({ source, format, reason, refusedAt }) => ({
    ...{ source, format, reason, refusedAt },
  }));
const now: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);

test('a refused file is kept once, with the reason and without its folder, until it comes in', async () => {
  const wrong = await file('a.csv', 's,t,i,r/1,r,1,11,10');
  const refused = {
    ...{ source: 'a.csv', format: 'csv', refusedAt: now },
    reason: '`a.csv`, row 1: expected `k` to be at most `n` (10), got 11',
  };
  await expect(importRecords(store, wrong)).rejects.toThrow('got 11');
  expect(await kept()).toEqual([refused]);
  await expect(importRecords(store, wrong)).rejects.toThrow('got 11');
  expect(await kept()).toEqual([refused]);

  await importRecords(store, await file('a.csv', 's,t,i,r/1,r,1,1,10'));
  expect(await kept()).toEqual([]);
});

test('what contradicts the store is kept until it replaces, or is in the store as it is', async () => {
  await importRecords(store, await file('a.csv', 's,t,i,r/1,r,1,1,10'));
  await mkdir(join(dir, 'others'));
  for (const name of ['others/b.csv', 'others/c.csv']) await file(name, 's,t,i,r/1,r,1,2,10');
  const { files } = await importRecords(store, join(dir, 'others'));
  expect(files.map(({ status }) => status)).toEqual(['refused', 'refused']);
  expect((await kept()).map(({ source }) => source).sort()).toEqual(['b.csv', 'c.csv']);
  expect((await kept())[0]?.reason).not.toContain(dir);

  await importRecords(store, join(dir, 'others', 'b.csv'), { replace: true });
  expect((await kept()).map(({ source }) => source)).toEqual(['c.csv']);
  await importRecords(store, join(dir, 'others', 'c.csv'));
  expect(await kept()).toEqual([]);
});

test('a file that is nothing to import is no refused import', async () => {
  await writeFile(join(dir, 'README.md'), 'words');
  const path = join(dir, 'README.md');
  await expect(importRecords(store, path)).rejects.toThrow(`${path} is no format that Sonde reads`);
  await expect(importRecords(store, join(dir, 'none.csv'))).rejects.toThrow('cannot read');
  expect(await readdir(dir)).toEqual(['README.md']);
});
