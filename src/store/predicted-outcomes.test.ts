import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { OutcomeRecord } from '../outcomes/index.ts';
import { record } from '../outcomes/testing/record.ts';
import type { PredictedOutcome, PredictedQuery } from './predicted-outcomes.ts';
import type { PredictionRecord } from './record-shapes.ts';
import { openStore, type Store } from './store.ts';

const [task, checkpoint] = ['sums', 'run/step1'];
const query: PredictedQuery = {
  suite: 's',
  probeId: 'id',
  tasks: [
    { task: 'others', filter: null },
    { task, filter: 'strict' },
  ],
  checkpoints: ['run/step2', checkpoint],
  items: ['b'],
};

function predicted(given: Partial<PredictionRecord>): PredictionRecord {
  const about = { suite: 's', task, item: 'a', checkpoint, fingerprint: 'f1', promptSha256: 'h' };
  return { ...about, probe: 'probe', probeId: 'id', p: 0.5, ...given };
}

function outcome(given: Partial<OutcomeRecord>): OutcomeRecord {
  return record({ suite: 's', task, item: 'a', checkpoint, k: 1, n: 4, ...given });
}

async function withStore(work: (store: Store) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'sonde-predicted-'));
  try {
    await using store = await openStore(join(dir, '.sonde'));
    await work(store);
  } finally {
    await rm(dir, { recursive: true });
  }
}

async function read(store: Store, given: Partial<PredictedQuery> = {}): Promise<unknown[]> {
  const rows: PredictedOutcome[] = [];
  for await (const batch of store.predictedOutcomes({ ...query, ...given })) rows.push(...batch);
  return rows;
}

test('what was predicted beside what came out, by place', async () => {
  await withStore(async (store) => {
    await store.predictions.write([
      predicted({ p: 0.1 }),
      // The weights changed: the other fingerprint comes later in the order.
      predicted({ fingerprint: 'f2', p: 0.2 }),
      predicted({ item: 'b', p: 0.3 }),
      predicted({ item: 'c', p: 0.4 }),
      predicted({ probeId: 'other', p: 0.9 }),
      predicted({ suite: 'another', p: 0.9 }),
      predicted({ task: 'others', checkpoint: 'run/step2', p: 0.6 }),
    ]);
    const outcomes = [
      outcome({}),
      outcome({ item: 'b', filter: 'strict', k: 2 }),
      outcome({ item: 'b', filter: 'loose', k: 4 }),
      outcome({ item: 'd' }),
      outcome({ task: 'others', checkpoint: 'run/step2', kind: 'score', k: 0.75, n: 2 }),
      outcome({ item: null, k: 3 }),
    ];
    await store.outcomes.write(outcomes, { identity: 'a', name: 'a.csv', replace: false });
    expect(await read(store)).toEqual([
      { task: 0, checkpoint: 0, isNamed: false, p: 0.6, rate: 0.75 },
      { task: 1, checkpoint: 1, isNamed: true, p: 0.3, rate: 0.5 },
      { task: 1, checkpoint: 1, isNamed: false, p: 0.2, rate: 0.25 },
    ]);
    expect(await read(store, { probeId: 'none' })).toEqual([]);
    expect(await read(store, { tasks: [] })).toEqual([]);
  });
});

test('nothing where there are only predictions', async () => {
  await withStore(async (store) => {
    await store.predictions.write([predicted({})]);
    expect(await read(store)).toEqual([]);
  });
});
