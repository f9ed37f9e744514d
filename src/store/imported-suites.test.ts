import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Item, loadSuite, type Task } from '../suite/index.ts';
import { openStore, type Store } from './store.ts';

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-imported-'));
  store = await openStore(folder);
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const task = (name: string): Task => ({
  name,
  chance: 0,
  maxTokens: 5,
  stop: [],
  grader: { type: 'exact' },
  filter: null,
});

const item = (name: string, id: string, prompt = `? ${id}`): Item => ({
  ...{ task: name, id, prompt, messages: null, target: ['x'], choices: null, group: null },
  meta: {},
});

async function add(name: string, items: readonly Item[]): Promise<string[]> {
  const suite = await store.suites.openImported(name);
  if (suite === null) throw new Error('a suite of somebody’s own');
  await using draft = suite.draft();
  const how = items.map((one) => draft.add(one, task(one.task)));
  await draft.settle();
  await draft.commit();
  return how;
}

const found = async (name: string): Promise<string[]> => {
  const dir = await store.suites.find(name);
  return dir === null ? [] : (await loadSuite(dir)).items.map(({ id }) => id);
};

it('a suite grows by the questions that are new to it', async () => {
  expect(await found('logs')).toEqual([]);
  const first = [item('b', 'b/10'), item('b', 'b/9'), item('b', 'b/9'), item('b', 'b/9', 'else')];
  expect(await add('logs', first)).toEqual(['new', 'new', 'known', 'other']);
  expect(await found('logs')).toEqual(['b/10', 'b/9']);
  expect(
    await add('logs', [item('a', 'a/1'), item('b', 'b/10'), item('b', 'b/9', 'other')]),
  ).toEqual(['new', 'known', 'other']);
  expect(await add('others', [item('a', 'a/1', 'in another suite')])).toEqual(['new']);
  // By task, then by number, whatever came first.
  expect(await found('logs')).toEqual(['a/1', 'b/9', 'b/10']);
  expect((await store.suites.list()).map(({ name }) => name).sort()).toEqual(['logs', 'others']);
});

it('the union is made once, and further imports add to it', async () => {
  await add('logs', [item('a', 'a/1')]);
  await add('logs', [item('a', 'a/2')]);
  const union = await store.suites.find('logs');
  const before = readdirSync(join(folder, 'suites')).length;
  expect(await store.suites.find('logs')).toBe(union);
  expect(readdirSync(join(folder, 'suites'))).toHaveLength(before);
  expect(await add('logs', [item('a', 'a/2'), item('a', 'a/3')])).toEqual(['known', 'new']);
  expect(await found('logs')).toEqual(['a/1', 'a/2', 'a/3']);
});

it('nothing is seen of questions that were not committed', async () => {
  const suite = await store.suites.openImported('logs');
  const draft = suite?.draft();
  draft?.add(item('a', 'a/1'), task('a'));
  await draft?.[Symbol.asyncDispose]();
  expect(await found('logs')).toEqual([]);
  expect(await add('logs', [])).toEqual([]);
  expect(await store.suites.list()).toEqual([]);
});
