import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../store/index.ts';
import { createFrozenAnswers } from './frozen-answers.ts';

const frozen = {
  ...{ sonde: '0.1.0', createdAt: '2026-01-02T03:04:05.000Z', suite: 's', suiteHash: null },
  ...{ render: 'prompt', target: { flops: 1e15, checkpoint: 'a/9' }, ladder: [], inputs: [] },
  request: { source: null, filter: null, temperature: null, topP: null },
  benchmarks: [
    {
      task: 'add',
      methods: [
        {
          ...{ method: 'chosen', verdict: 'predictable', accuracy: 0.5, low: 0.4, high: 0.6 },
          intervals: null,
        },
      ],
    },
  ],
};

test('frozen forecasts are read again where one came, and not where none did', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'answers-'));
  {
    await using store = await openStore(join(dir, '.sonde'));
    const read = createFrozenAnswers(store);
    const none = await read();
    expect(none).toEqual([]);
    expect(await read()).toBe(none);
    await store.forecasts.create('one', frozen);
    const one = await read();
    expect(one).toEqual([
      {
        ...{ forecast: 'one', createdAt: '2026-01-02T03:04:05.000Z', suite: 's', task: 'add' },
        ...{ checkpoint: 'a/9', flops: 1e15, accuracy: 0.5, low: 0.4, high: 0.6 },
      },
    ]);
    // A folder whose time changed without anything new in it.
    await utimes(join(store.dir, 'forecasts'), new Date(), new Date());
    expect(await read()).toBe(one);
  }
  await rm(dir, { recursive: true });
});
