import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { record } from '../outcomes/testing/record.ts';
import { openStore } from '../store/index.ts';
import type { CheckedCheckpoint } from './checked-checkpoint.ts';
import { createMeasuredTasks } from './measured-tasks.ts';

const task = (name: string, advised: boolean): CheckedCheckpoint['tasks'][number] => ({
  ...{ task: name, items: 2, predicted: 0.5, low: 0.2, high: 0.8, level: 0.9 },
  ...{ status: 'ok', reason: null, labelled: 0, remeasure: { advised, labels: 2 } },
  ...{ change: null, expected: null },
});

const checkpoint = (id: string, advised: boolean): CheckedCheckpoint => ({
  ...{ checkpoint: id, run: null, stage: null, step: null, tokens: null, flops: null },
  ...{ suite: 's', probe: 'p', modifiedAt: null },
  tasks: [task('whole', advised), task('part', advised), task('none', advised)],
});

test('a task counts where all its questions were measured, at checkpoints that are in doubt', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'measured-'));
  try {
    await using store = await openStore(join(dir, '.sonde'));
    const about = [
      ...[
        { task: 'whole', item: 'a' },
        { task: 'whole', item: 'b' },
        { task: 'part', item: 'a' },
      ],
      { task: 'none', item: 'a', suite: 'other' },
      { task: 'none', item: 'b', suite: 'other' },
    ];
    const records = about.flatMap((own) =>
      ['1', '2'].map((id) => record({ ...own, checkpoint: id })),
    );
    await store.outcomes.write(records, { identity: 'x', name: 'x.csv', replace: false });
    const checked = [checkpoint('1', false), checkpoint('2', true), checkpoint('3', true)];
    expect(await createMeasuredTasks(store, 's')(checked)).toEqual(
      new Map([
        ['2', new Set(['whole'])],
        ['3', new Set()],
      ]),
    );
  } finally {
    await rm(dir, { recursive: true });
  }
});
