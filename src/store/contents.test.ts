import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { record } from '../outcomes/testing/record.ts';
import { contentsVersion, type ItemRate, openStore, type StoreKind } from './index.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'contents-'));
});
afterEach(() => rm(dir, { recursive: true }));

const all: readonly StoreKind[] = ['outcomes', 'checkpoints', 'alerts', 'acknowledgements'];

test('an absent store holds nothing, and makes no folder by being asked', async () => {
  await using store = await openStore(join(dir, '.sonde'));
  const contents = await store.contents();
  expect(Object.values(contents).map(({ size }) => size)).toEqual(Array(15).fill(0));
});

test('what is new or replaced is seen, what was only read is not', async () => {
  await using store = await openStore(join(dir, '.sonde'));
  const version = async (kinds = all): Promise<string> =>
    contentsVersion(await store.contents(), kinds);
  const empty = await version();
  await store.outcomes.write([record({ run: 'a/b' })], {
    ...{ identity: 'x', name: 'x.csv', replace: false },
  });
  const imported = await version();
  expect(imported).not.toBe(empty);
  await store.outcomes.status();
  expect(await version()).toBe(imported);
  const { outcomes } = await store.contents();
  expect([...outcomes.keys()]).toEqual([expect.stringMatching(/^a%2Fb\/[0-9a-f]{32}-r0$/)]);

  await store.checkpoints.write('a/b/step1', { step: 1 });
  const first = await version(['checkpoints']);
  await store.checkpoints.write('a/b/step1', { step: 2 });
  expect(await version(['checkpoints'])).not.toBe(first);
  expect(await version(['outcomes', 'alerts'])).toBe(
    contentsVersion({ ...(await store.contents()), checkpoints: new Map() }, [
      'outcomes',
      'alerts',
    ]),
  );
});

test('rates of items, one a filter; sources, the last first', async () => {
  await using store = await openStore(join(dir, '.sonde'));
  const write = (name: string, records: ReturnType<typeof record>[]): Promise<unknown> =>
    store.outcomes.write(records, { identity: name, name, replace: false });
  await write('a.csv', [
    record({ item: 'one', k: 1, n: 4 }),
    record({ item: 'two', k: 3, n: 4, filter: 'strict' }),
    record({ item: 'two', kind: 'score', k: 0.5, n: 2, filter: 'loose' }),
    record({ item: null, k: 5, n: 10 }),
  ]);
  await write('b.csv', [record({ item: 'one', task: 'u', k: 0, n: 1 })]);
  const { suite, task, checkpoint } = record({});
  const ratesOf = async (about: string): Promise<ItemRate[]> => {
    const rates: ItemRate[] = [];
    const query = { suite, task: about, checkpoints: [checkpoint] };
    for await (const batch of store.outcomes.rates(query)) rates.push(...batch);
    return rates;
  };
  expect([await ratesOf(task), await ratesOf('u')]).toEqual([
    [
      { checkpoint, item: 'one', filter: null, rate: 0.25 },
      { checkpoint, item: 'two', filter: 'loose', rate: 0.5 },
      { checkpoint, item: 'two', filter: 'strict', rate: 0.75 },
    ],
    [{ checkpoint, item: 'one', filter: null, rate: 0 }],
  ]);
  const sources = await store.outcomes.sources();
  const told = sources.map(({ writtenAt, ...rest }) => ({ ...rest, at: writtenAt > new Date(0) }));
  const common = { suites: [suite], checkpoints: 1, replaces: false, at: true };
  expect(told.sort((a, b) => a.records - b.records)).toEqual([
    { ...common, source: 'b.csv', records: 1, tasks: 1, items: 1, samples: 1 },
    { ...common, source: 'a.csv', records: 4, tasks: 1, items: 2, samples: 20 },
  ]);
});
