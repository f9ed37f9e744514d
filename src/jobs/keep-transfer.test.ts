import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TransferResult } from '../probe/index.ts';
import { openStore } from '../store/index.ts';
import { keepTransfer, matrixOf } from './keep-transfer.ts';

const scores = { auroc: 0.7, mse: 0.02, levelError: 0.04 };
const result: TransferResult = {
  cells: [
    {
      ...{ trained: ['a/1', 'a/2'], scored: 'a/3', split: 'unseen', break: 'stage sft' },
      ...{ ...scores, skill: 0.3, pooledAuroc: 0.8, taskPooledAuroc: 0.6 },
      baselines: { persistence: { ...scores, auroc: 0.5 }, historyOnly: scores },
      tasks: [{ task: 'add', ...scores, skill: 0.3 }],
    },
  ],
  fall: [],
  breaks: [
    {
      ...{ trained: ['a/1', 'a/2'], scored: 'a/3', break: 'stage sft', auroc: 0.6 },
      ...{ refitAuroc: 0.7, refitPromptOnlyAuroc: 0.5, levelError: 0.2 },
      ...{ correctedLevelError: 0.03, plainLevelError: 0.05, tasks: [] },
    },
  ],
  leftOut: {
    ...{ trained: ['a/1'], auroc: 0.6, knownAuroc: 0.7, ranked: 1, above: 1 },
    rows: [
      {
        ...{ task: 'add', scored: 'a/2', break: null, items: 7, auroc: 0.6, oracleAuroc: 0.9 },
        ...{ knownAuroc: 0.7, promptOnlyAuroc: null, levelError: -0.1 },
      },
    ],
  },
};

test('what is kept of a matrix names a row by the last checkpoint that it learned from', () => {
  expect(matrixOf(result)).toEqual({
    cells: [
      {
        ...{ trained: 'a/2', scored: 'a/3', split: 'unseen', break: 'stage sft', ...scores },
        ...{ pooledAuroc: 0.8, taskPooledAuroc: 0.6 },
        baselines: { persistence: { ...scores, auroc: 0.5 }, historyOnly: scores },
        tasks: [{ task: 'add', ...scores }],
      },
    ],
    breaks: [
      {
        ...{ trained: 'a/2', scored: 'a/3', break: 'stage sft', auroc: 0.6, refitAuroc: 0.7 },
        ...{ refitPromptOnlyAuroc: 0.5, levelError: 0.2, correctedLevelError: 0.03 },
        plainLevelError: 0.05,
      },
    ],
    leftOut: [
      {
        ...{ trained: 'a/1', scored: 'a/2', break: null, task: 'add', items: 7, auroc: 0.6 },
        ...{ oracleAuroc: 0.9, knownAuroc: 0.7, levelError: -0.1 },
      },
    ],
  });
});

test('the same question again is one matrix: left as it is, or replaced by what else came out', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'transfer-'));
  {
    await using store = await openStore(join(dir, '.sonde'));
    const about = {
      ...{ suite: 's', tasks: ['add'], checkpoints: ['a/1', 'a/2'], probe: 'auto' },
      ...{ holdout: 0.4, seed: 0, precision: 'f32', across: [] },
      train: 'upto',
    } as const;
    const kept = { ...about, ...matrixOf(result) };
    const id = await keepTransfer(store, about, kept);
    const [first] = await store.transfers.list();
    expect(first).toEqual({
      ...{ schemaVersion: 1, id, madeAt: expect.stringMatching(/Z$/) as unknown, ...kept },
    });
    const stamp = async (): Promise<unknown> => (await store.contents()).transfers.get(id);
    const before = await stamp();
    expect(await keepTransfer(store, about, kept)).toBe(id);
    expect(await stamp()).toBe(before);

    expect(await keepTransfer(store, about, { ...kept, breaks: [] })).toBe(id);
    expect(await store.transfers.list()).toMatchObject([{ id, breaks: [] }]);
    expect(await keepTransfer(store, { ...about, seed: 1 }, kept)).not.toBe(id);
  }
  await rm(dir, { recursive: true });
});
