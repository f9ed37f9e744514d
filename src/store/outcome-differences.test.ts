import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { record } from '../outcomes/testing/record.ts';
import { openStore } from './store.ts';

const near = (value: number): unknown => expect.closeTo(value, 11);
const about = { suite: 's', task: 't', filter: null, earlier: 'r/1', later: 'r/2' };
/** Right answers of four at both checkpoints. */
const counts: readonly (readonly [item: string, earlier: number, later: number])[] = [
  ['a', 1, 3],
  ['b', 2, 2],
  ['c', 0, 4],
  ['d', 3, 4],
];

test('changes question by question, with groups as clusters', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sonde-differences-'));
  try {
    await using store = await openStore(join(dir, '.sonde'));
    const at = { suite: 's', task: 't', n: 4 };
    const records = counts.flatMap(([item, earlier, later]) => [
      record({ ...at, item, checkpoint: 'r/1', k: earlier }),
      record({ ...at, item, checkpoint: 'r/2', k: later }),
    ]);
    records.push(record({ ...at, item: 'alone', checkpoint: 'r/2', k: 4 }));
    await store.outcomes.write(records, { identity: 'x', name: 'x.csv', replace: false });
    const d = counts.map(([, earlier, later]) => (later - earlier) / 4);
    const mean = d.reduce((sum, one) => sum + one, 0) / 4;
    const squares = d.reduce((sum, one) => sum + (one - mean) ** 2, 0);
    const pairs = [{ ...about, task: 'none' }, about];
    const single = await store.outcomes.differences(pairs, new Map());
    expect(single).toEqual([
      {
        ...{ pair: 1, items: 4, difference: near(mean) },
        standardError: near(Math.sqrt(squares / 3) / 2),
      },
    ]);
    const groups = new Map([['s', new Map(['a', 'b'].map((item) => [item, 'one'] as const))]]);
    const sums = [(d[0] ?? 0) + (d[1] ?? 0) - 2 * mean, (d[2] ?? 0) - mean, (d[3] ?? 0) - mean];
    const between = sums.reduce((sum, one) => sum + one ** 2, 0);
    const clustered = await store.outcomes.differences([about], groups);
    expect(clustered.map(({ standardError }) => standardError)).toEqual([
      near(Math.sqrt((between * 3) / 2) / 4),
    ]);
    expect(await store.outcomes.differences([], new Map())).toEqual([]);
  } finally {
    await rm(dir, { recursive: true });
  }
});
