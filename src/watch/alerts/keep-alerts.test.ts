import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore, type Store } from '../../store/index.ts';
import type { Episode } from './episode.ts';
import { keepAlerts, type Look } from './keep-alerts.ts';
import type { Reach } from './reach.ts';

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
  ...{ kind: 'drop', task: 'add', tasks: ['add'], opened: 'r/2', lastSeen: 'r/2', closed: null },
  ...{ message: 'm', value: 0.3, reference: 0.5, threshold: 0.1 },
};
const [first, second, third] = [1, 2, 3].map((hour) => new Date(`2026-01-01T0${hour}:00:00.000Z`));
const everything: Reach = {
  ...{ checkpoints: new Set(['r/1', 'r/2', 'r/3']), isWhole: true, tasks: null, ignore: [] },
};
const look = (now: Date | undefined, reach: Partial<Reach> = {}): Look => ({
  ...{ reach: { ...everything, ...reach }, now: now! },
});
/** Closing times by kind and task. */
const closings = async (): Promise<Record<string, string | null>> =>
  Object.fromEntries(
    (await store.alerts.list()).map(({ kind, task, closedAt }) => [
      `${kind} ${task ?? 'of many'}`,
      closedAt,
    ]),
  );

test('the same episode is one alert, opened once, closed once, whoever finds it how often', async () => {
  const [opened] = await keepAlerts(store, subject, [episode], look(first));
  expect(opened).toEqual({
    ...{
      schemaVersion: 1,
      id: opened!.id,
      kind: 'drop',
      ...subject,
      checkpoint: 'r/2',
      task: 'add',
      tasks: ['add'],
    },
    ...{ message: 'm', value: 0.3, reference: 0.5, threshold: 0.1 },
    openedAt: first!.toISOString(),
    lastSeenAt: first!.toISOString(),
    ...{ closedAt: null, acknowledgedAt: null, acknowledgedBy: null, notified: [] },
  });
  expect(await keepAlerts(store, subject, [episode], look(second))).toEqual([opened]);
  await store.alerts.acknowledge(opened!.id, { at: second!, name: 'ada' });
  const closed = { ...episode, lastSeen: 'r/3', closed: 'r/3', value: 0.5 };
  await keepAlerts(store, subject, [closed], look(second));
  await keepAlerts(store, subject, [closed], look(third));
  expect(await store.alerts.list()).toEqual([
    {
      ...opened,
      ...{ value: 0.5, lastSeenAt: second!.toISOString(), closedAt: second!.toISOString() },
      ...{ acknowledgedAt: second!.toISOString(), acknowledgedBy: 'ada' },
    },
  ]);
});

test('what nothing speaks for any more is over; what is about others stays', async () => {
  await keepAlerts(store, subject, [episode], look(first));
  await keepAlerts(store, { ...subject, run: 'other' }, [episode], look(first));
  expect(await keepAlerts(store, subject, [], look(second))).toEqual([]);
  expect((await store.alerts.list()).map(({ run, closedAt }) => [run, closedAt])).toEqual(
    expect.arrayContaining([
      ['r', second!.toISOString()],
      ['other', null],
    ]),
  );
});

const drift: Episode = {
  ...{ kind: 'drift', task: null, tasks: ['add', 'fact'], opened: 'r/2', lastSeen: 'r/2' },
  ...{ closed: null, message: 'drift on add, fact', value: null, reference: null, threshold: null },
};

test('a look at some tasks leaves alone what is about others, and what is about more than it looked at', async () => {
  const fact = { ...episode, task: 'fact', tasks: ['fact'] };
  await keepAlerts(store, subject, [fact, drift, episode], look(first));
  const before = await store.alerts.list();
  const narrow = look(second, { tasks: ['add', 'sub'] });
  const shrunk = { ...drift, tasks: ['add'], message: 'drift on add' };
  expect(await keepAlerts(store, subject, [shrunk, episode], narrow)).toEqual(
    before.filter(({ task }) => task !== 'fact'),
  );
  expect(await store.alerts.list()).toEqual(before);
  expect(await keepAlerts(store, subject, [], narrow)).toEqual([]);
  expect(await closings()).toEqual({
    ...{ 'drop add': second!.toISOString(), 'drop fact': null, 'drift of many': null },
  });
  await keepAlerts(store, subject, [], look(third, { tasks: ['add', 'fact'] }));
  expect(await closings()).toEqual({
    ...{ 'drop add': second!.toISOString(), 'drop fact': third!.toISOString() },
    'drift of many': third!.toISOString(),
  });
});

test('looks at different tasks have an alert each; one at all of them makes them one', async () => {
  const of = (task: string): Episode => ({ ...drift, tasks: [task], message: `drift on ${task}` });
  const [add] = await keepAlerts(store, subject, [of('add')], look(first, { tasks: ['add'] }));
  const [fact] = await keepAlerts(store, subject, [of('fact')], look(first, { tasks: ['fact'] }));
  expect([add?.message, fact?.message]).toEqual(['drift on add', 'drift on fact']);
  await keepAlerts(store, subject, [], look(second, { tasks: ['fact'] }));
  await keepAlerts(store, subject, [drift], look(third));
  expect(await store.alerts.list()).toEqual(
    [
      { ...add, message: drift.message, tasks: drift.tasks, lastSeenAt: third!.toISOString() },
      { ...fact, closedAt: second!.toISOString(), lastSeenAt: second!.toISOString() },
    ].sort((a, b) => (a.id! < b.id! ? -1 : 1)),
  );
});

test('an ignored kind stays, and so does what opened at a checkpoint that was not reached', async () => {
  await keepAlerts(store, subject, [episode], look(first));
  expect(await keepAlerts(store, subject, [], look(second, { ignore: ['drop'] }))).toEqual([]);
  const early = look(second, { checkpoints: new Set(['r/1']) });
  expect(await keepAlerts(store, subject, [], early)).toEqual(await store.alerts.list());
  expect(await closings()).toEqual({ 'drop add': null });
});

test('what later checkpoints ended is not opened again while they are still to come', async () => {
  await keepAlerts(store, subject, [{ ...episode, closed: 'r/3' }], look(first));
  const before = await store.alerts.list();
  const early = look(second, { checkpoints: new Set(['r/1', 'r/2']), isWhole: false });
  expect(await keepAlerts(store, subject, [episode], early)).toEqual(before);
  expect(await store.alerts.list()).toEqual(before);
});
