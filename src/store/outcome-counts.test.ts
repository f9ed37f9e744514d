import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { record } from '../outcomes/testing/record.ts';
import { type CountedOutcomes, openStore } from './index.ts';

test('counts come together by their numbers and groups; the rest of status stands apart', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'counts-'));
  try {
    await using store = await openStore(join(dir, '.sonde'));
    const records = [
      ...['a', 'b', 'c', 'd'].map((item) => record({ item, k: item === 'd' ? 2 : 1, n: 2 })),
      record({ item: 'a', fewShot: 5, k: 1, n: 2 }),
      record({ item: null, k: 5, n: 10 }),
      record({ item: 'z', k: null, n: null, loss: 1 }),
    ];
    await store.outcomes.write(records, { identity: 'x', name: 'x.csv', replace: false });
    const groups = new Map([
      ['s', new Map([['a', 'g']])],
      ['other', new Map([['b', 'g']])],
    ]);
    const found: CountedOutcomes[] = [];
    for await (const rows of store.outcomes.counts({}, groups)) found.push(...rows);
    const told = found.map(({ fewShot, group, k, n, questions }) =>
      JSON.stringify([fewShot, group, k, n, questions]),
    );
    expect(told.sort()).toEqual([
      '[5,"g",1,2,1]',
      '[null,"g",1,2,1]',
      '[null,null,1,2,2]',
      '[null,null,2,2,1]',
    ]);
    const twice = await store.outcomes.status();
    expect(twice.map(({ fewShot, items }) => [fewShot, items])).toEqual([
      [5, 1],
      [null, 5],
    ]);
  } finally {
    await rm(dir, { recursive: true });
  }
});

test('an item that is about two documents is one item', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'counts-'));
  try {
    await using store = await openStore(join(dir, '.sonde'));
    const records = ['d1', 'd2'].map((documentHash) => record({ documentHash }));
    await store.outcomes.write(records, { identity: 'x', name: 'x.csv', replace: false });
    expect(await store.outcomes.status()).toMatchObject([{ items: 1, questions: 2 }]);
  } finally {
    await rm(dir, { recursive: true });
  }
});
