import { expect, it } from 'vitest';
import { type LadderRow } from '../../src/jobs/testing/ladder-records.ts';
import { recordStores } from '../helpers/record-stores.ts';
import { runJson, runSonde } from '../helpers/run-sonde.ts';

type Report = { tasks: Record<string, unknown>[]; gaps: Record<string, unknown>[] };

const { storeOf } = recordStores();

const rows = (checkpoint: string, k: readonly number[], facts: LadderRow = {}): LadderRow[] =>
  k.map((right, item) => ({
    ...{ suite: 's', task: 't', item: `i${item}`, checkpoint, k: right, n: 4 },
    ...facts,
  }));

it('shows what was measured, pass@k, and what a run lacks', async () => {
  const store = await storeOf([
    ...rows('r/step1', [0, 1, 2], { step: 1, few_shot: 0 }),
    ...rows('r/step2', [2, 4], { step: 2, few_shot: 5 }),
    ...rows('r/step1', [1, 1], { step: 1, few_shot: 0, task: 'u' }),
  ]);
  const { tasks, gaps } = await runJson<Report>([...store, 'status', '--pass-at', '2']);
  expect(tasks).toMatchObject([
    { task: 't', checkpoint: 'r/step1', run: 'r', fewShot: 0, samplesPerItem: 4, samples: 12 },
    { task: 't', checkpoint: 'r/step2', fewShot: 5, items: 2, passAt: [{ k: 2, items: 2 }] },
    { task: 'u', checkpoint: 'r/step1' },
  ]);
  expect(gaps).toEqual([
    { suite: 's', task: 't', filter: null, checkpoint: 'r/step2', items: 2, of: 3 },
    { suite: 's', task: 'u', filter: null, checkpoint: 'r/step2', items: 0, of: 2 },
  ]);
  const { stdout, code } = await runSonde([...store, 'status', '--pass-at', '2']);
  expect(code).toBe(0);
  expect(
    stdout,
  ).toBe(`checkpoint  suite  task  filter  few-shot  items  samples  per item  accuracy  ± s.e.  pass@2  ± s.e.  source
r/step1     s      t             0             3       12         4      25.0    14.4    44.4    24.2  records-1.csv
r/step2     s      t             5             2        8         4      75.0    25.0    91.7     8.3  records-1.csv
r/step1     s      u             0             2        8         4      25.0     0.0    50.0     0.0  records-1.csv

gaps, beside other checkpoints of the run:
checkpoint  suite  filter  not measured  fewer items
r/step2     s              u             t 2 of 3
`);
});

it('works with results of whole tasks alone', async () => {
  const whole = { item: null, k: 5, n: 10 };
  const store = await storeOf([
    { suite: 's', task: 't', checkpoint: 'a', ...whole },
    { suite: 's', task: 't', checkpoint: 'b', ...whole },
  ]);
  const { tasks, gaps } = await runJson<Report>([...store, 'status', '--pass-at', '1', '--shrink']);
  expect(tasks).toMatchObject([
    { items: 0, samples: 10, samplesPerItem: null, accuracy: 0.5, passAt: [{ estimate: null }] },
    { checkpoint: 'b' },
  ]);
  expect(gaps).toEqual([]);
});

it.each([
  [['--shrink'], '--shrink: expected --pass-at K beside it, got none'],
  [['--pass-at', '0'], '--pass-at: expected a whole number from 1 to 1000000, got `0`'],
])('refuses %j', async (options, message) => {
  const store = await storeOf(rows('a', [1]));
  const { code, stderr } = await runSonde([...store, 'status', ...options]);
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});
