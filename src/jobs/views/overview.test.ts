import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { record } from '../../outcomes/testing/record.ts';
import { openStore } from '../../store/index.ts';
import { jobContext } from '../progress.ts';
import { readBoard, readMeasuredBoard } from './board.ts';
import { overviewOf } from './overview.ts';
import { lastPairs, pairedChanges } from './paired-changes.ts';

test('a change is as sure as its questions are, where both checkpoints answered the same ones', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sonde-overview-'));
  try {
    await using store = await openStore(join(dir, '.sonde'));
    const at = (step: number): object => ({
      suite: 's',
      run: 'r',
      step,
      checkpoint: `r/step${step}`,
    });
    const records = [
      // Each question rises by two of ten: the change is sure, however far apart the questions are.
      ...[0, 3, 8].flatMap((k, item) => [
        record({ ...at(1), task: 'same', item: `${item}`, k, n: 10 }),
        record({ ...at(2), task: 'same', item: `${item}`, k: k + 2, n: 10 }),
      ]),
      ...['a', 'b'].map((item, k) => record({ ...at(1), task: 'other', item, k, n: 10 })),
      ...['b', 'c'].map((item, k) => record({ ...at(2), task: 'other', item, k: 5 * k, n: 10 })),
    ];
    await store.outcomes.write(records, { identity: 'x', name: 'x.csv', replace: false });
    const context = jobContext();
    const board = await readBoard(store, await readMeasuredBoard(store, context), context);
    const { runs } = overviewOf(board, {
      ...{ project: 'p', alerts: [], forecasts: 0, probes: 0, limit: 5 },
      changes: await pairedChanges(store, lastPairs(board, board.runs), context),
    });
    const changes = runs[0]?.scoreboard.map(({ task, change }) => ({ task, ...change }));
    const near = (value: number): unknown => expect.closeTo(value, 9);
    const about = { kind: 'measured', from: 'r/step1' };
    expect(changes).toEqual([
      {
        ...{ ...about, task: 'other', difference: near(0.2), paired: false },
        // Two samples of their own: 0 and 1, 0 and 5 of ten.
        standardError: near(Math.hypot(0.05, 0.25)),
      },
      { ...about, task: 'same', difference: near(0.2), paired: true, standardError: near(0) },
    ]);
  } finally {
    await rm(dir, { recursive: true });
  }
});
