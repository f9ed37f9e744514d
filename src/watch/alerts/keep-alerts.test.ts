import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore, type Store } from '../../store/index.ts';
import type { Episode } from './episode.ts';
import { keepAlerts } from './keep-alerts.ts';

let dir = '';
let store: Store;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'keep-alerts-'));
  store = await openStore(dir);
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

const subject = { run: 'r', suite: 's', probe: 'p' };
const episode: Episode = {
  ...{ kind: 'drop', task: 'add', opened: 'r/2', lastSeen: 'r/2', closed: null, message: 'm' },
  ...{ value: 0.3, reference: 0.5, threshold: 0.1 },
};
const [first, second, third] = [1, 2, 3].map((hour) => new Date(`2026-01-01T0${hour}:00:00.000Z`));

test('the same episode is one alert, opened once, closed once, whoever finds it how often', async () => {
  const [opened] = await keepAlerts(store, subject, [episode], first!);
  expect(opened).toEqual({
    ...{
      schemaVersion: 1,
      id: opened!.id,
      kind: 'drop',
      ...subject,
      checkpoint: 'r/2',
      task: 'add',
    },
    ...{ message: 'm', value: 0.3, reference: 0.5, threshold: 0.1 },
    openedAt: first!.toISOString(),
    lastSeenAt: first!.toISOString(),
    ...{ closedAt: null, acknowledgedAt: null, acknowledgedBy: null, notified: [] },
  });
  expect(await keepAlerts(store, subject, [episode], second!)).toEqual([opened]);
  await store.alerts.acknowledge(opened!.id, { at: second!, name: 'ada' });
  const closed = { ...episode, lastSeen: 'r/3', closed: 'r/3', value: 0.5 };
  await keepAlerts(store, subject, [closed], second!);
  await keepAlerts(store, subject, [closed], third!);
  expect(await store.alerts.list()).toEqual([
    {
      ...opened,
      ...{ value: 0.5, lastSeenAt: second!.toISOString(), closedAt: second!.toISOString() },
      ...{ acknowledgedAt: second!.toISOString(), acknowledgedBy: 'ada' },
    },
  ]);
});

test('what nothing speaks for any more is over; what is about others stays', async () => {
  await keepAlerts(store, subject, [episode], first!);
  await keepAlerts(store, { ...subject, run: 'other' }, [episode], first!);
  expect(await keepAlerts(store, subject, [], second!)).toEqual([]);
  expect((await store.alerts.list()).map(({ run, closedAt }) => [run, closedAt])).toEqual(
    expect.arrayContaining([
      ['r', second!.toISOString()],
      ['other', null],
    ]),
  );
});
