import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore, type Store } from './store.ts';
import type { StoredAlert } from './alert-folder.ts';

let dir = '';
let store: Store;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'alerts-'));
  store = await openStore(dir);
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

const alert = (id: string, more: Partial<StoredAlert> = {}): StoredAlert => ({
  ...{
    schemaVersion: 1,
    id,
    kind: 'drop',
    run: 'r',
    checkpoint: 'r/step2',
    suite: 's',
    probe: 'p',
    task: 't',
  },
  ...{ message: 'm', value: 0.2, reference: 0.5, threshold: 0.1, notified: [] },
  openedAt: '2026-01-02T00:00:00.000Z',
  lastSeenAt: '2026-01-02T00:00:00.000Z',
  closedAt: null,
  ...more,
});

const at = new Date('2026-01-03T00:00:00.000Z');
const unseen = { acknowledgedAt: null, acknowledgedBy: null };
const seen = { acknowledgedAt: at.toISOString(), acknowledgedBy: 'ada' };

test('an acknowledgement outlives what the watcher writes afterwards, and stays the first one', async () => {
  expect(await store.alerts.list()).toEqual([]);
  await store.alerts.write(alert('b'));
  await store.alerts.write(alert('a'));
  await store.alerts.write(alert('c', { openedAt: '2026-01-01T00:00:00.000Z' }));
  expect(await store.alerts.acknowledge('a', { at, name: 'ada' })).toEqual({
    ...alert('a'),
    ...seen,
  });
  await store.alerts.write(alert('a', { notified: ['ops'] }));
  await store.alerts.acknowledge('a', { at: new Date(), name: 'bob' });
  expect(await store.alerts.list()).toEqual([
    { ...alert('c', { openedAt: '2026-01-01T00:00:00.000Z' }), ...unseen },
    { ...alert('a', { notified: ['ops'] }), ...seen },
    { ...alert('b'), ...unseen },
  ]);
});

test('no alert of that name, whatever the name, is said so and writes nothing', async () => {
  await store.alerts.write(alert('a'));
  for (const id of ['none', '../jobs/x', '', 'acknowledgements']) {
    expect(await store.alerts.read(id)).toBeNull();
    await expect(store.alerts.acknowledge(id, { at, name: null })).rejects.toThrow(
      `alerts: no alert \`${id}\`; sonde alerts lists them`,
    );
  }
  expect(await readdir(join(dir, 'alerts'))).toEqual(['a.json']);
});

test('a file of another form is named with the place', async () => {
  await store.alerts.write(alert('a'));
  await writeFile(join(dir, 'alerts', 'a.json'), JSON.stringify({ ...alert('a'), kind: 'other' }));
  await expect(store.alerts.list()).rejects.toThrow(
    `\`store\`: expected what Sonde writes in ${join(dir, 'alerts')} of \`a\`, found something else at \`kind\`: remove the file, or restore it`,
  );
});

test('a damaged file is left out where somebody hears of it', async () => {
  await store.alerts.write(alert('a'));
  await store.alerts.write(alert('b'));
  const damaged = join(dir, 'alerts', 'a.json');
  await writeFile(damaged, '{"id": "a"');
  const told: string[] = [];
  const sound = await store.alerts.list({ onDamaged: ({ message }) => told.push(message) });
  expect([sound.map(({ id }) => id), told]).toEqual([
    ['b'],
    [`\`store\`: expected JSON in ${damaged}: remove the file, or restore it`],
  ]);
});
