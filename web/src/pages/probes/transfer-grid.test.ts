import { expect, test } from 'vitest';
import type { TransferCell } from '../../../../src/wire/index.ts';
import { transferGrid, type TransferView } from './transfer-grid.ts';

const scores = { auroc: 0.8, mse: 0.02, levelError: 0.04 };
const cell = (trained: string, scored: string, split: 'seen' | 'unseen'): TransferCell => ({
  ...{ trained, scored, split, break: null, ...scores, pooledAuroc: 0.9, taskPooledAuroc: 0.7 },
  baselines: {
    persistence: { auroc: 0.5, mse: 0.1, levelError: 0.2 },
    historyOnly: { auroc: null, mse: 0.1, levelError: 0.1 },
  },
  tasks: [{ task: 'add', auroc: 0.6, mse: 0.1, levelError: -0.3 }],
});
const matrix = {
  checkpoints: ['a/1', 'a/2'],
  cells: [cell('a/1', 'a/1', 'unseen'), cell('a/1', 'a/2', 'unseen'), cell('a/1', 'a/2', 'seen')],
};
const view: TransferView = { score: 'auroc', by: 'probe', split: 'unseen', task: null };
const values = (of: Partial<TransferView>): (number | null)[][] => {
  const grid = transferGrid(matrix, { ...view, ...of }, (name) => name);
  return [0, 1].map((row) => [0, 1].map((column) => grid.value(row, column)));
};

test('a row is where a probe learned, a column where it was scored', () => {
  expect(values({})).toEqual([
    [0.8, 0.8],
    [null, null],
  ]);
  expect(values({ split: 'seen' })).toEqual([
    [null, 0.8],
    [null, null],
  ]);
});

test('the level error of a task has no sign; baselines are there for the mean', () => {
  expect(values({ score: 'levelError', task: 'add' })[0]).toEqual([0.3, 0.3]);
  expect(values({ by: 'persistence' })[0]).toEqual([0.5, 0.5]);
  expect(values({ by: 'historyOnly' })[0]).toEqual([null, null]);
  expect(values({ task: 'sub' })[0]).toEqual([null, null]);
});

test('names are short where they differ all the same', () => {
  const named = (checkpoints: string[]) =>
    transferGrid({ checkpoints, cells: [] }, view, (name) => name.split('/')[1] ?? '').names;
  expect(named(['a/1', 'a/2'])).toEqual(['1', '2']);
  expect(named(['a/1', 'b/1'])).toEqual(['a/1', 'b/1']);
});
