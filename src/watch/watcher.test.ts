import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeTinyCheckpoint } from '../checkpoint/testing/tiny-checkpoint.ts';
import { jobContext } from '../jobs/index.ts';
import { performJob } from '../runner/index.ts';
import { openStore, type Store } from '../store/index.ts';
import type { WatchSettings } from './settings.ts';
import { createWatcher, type Watcher } from './watcher.ts';

let dir = '';
let store: Store;
let noted: string[];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'watcher-'));
  store = await openStore(join(dir, '.sonde'));
  noted = [];
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

const hour = 3_600_000;
const epoch = Date.UTC(2026, 0, 1);

/** One that is started now, after so many hours, and does steps in this process; no probe, so that none needs a model. */
function start(hours: number, stalledAfterHours: number | null): Watcher {
  const settings: WatchSettings = {
    ...{ dir: join(dir, 'r'), probes: [], tasks: null, ladder: [], label: null, quietMs: 0 },
    alerts: {
      ...{ leastDrop: 0, ignore: [] },
      stalledAfterMs: stalledAfterHours === null ? null : stalledAfterHours * hour,
    },
    ...{ notifiers: [], exporters: [] },
  };
  const runner = {
    concurrency: 1,
    run: (job: Parameters<typeof performJob>[1]) => performJob(store, job, jobContext()),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return createWatcher(store, runner, settings, {
    note: (text) => void noted.push(text),
    ...{ signal: new AbortController().signal, clock: () => epoch + hours * hour },
  });
}

async function arrive(name: string, hours: number): Promise<void> {
  const folder = await writeTinyCheckpoint(join(dir, 'r', name));
  const at = new Date(epoch + hours * hour);
  for (const file of await readdir(folder)) await utimes(join(folder, file), at, at);
}

/** What a watch that is started for one look reports. */
async function once(hours: number, stalledAfterHours: number | null): Promise<unknown[]> {
  const { alerts } = await start(hours, stalledAfterHours).look();
  return alerts.map(({ kind, checkpoint, message }) => [kind, checkpoint, message]);
}

test('single looks tell a stall by the newest checkpoint, and a new checkpoint alone ends it', async () => {
  await arrive('step1', 0);
  expect(await once(4, 5)).toEqual([]);
  const stalled = ['stalled', 'r/step1', 'no checkpoint after r/step1 within 5.0 h'];
  expect(await once(95, 5)).toEqual([stalled]);
  // It knows no limit, as it has not watched for long.
  expect(await once(96, null)).toEqual([stalled]);
  await arrive('step2', 97);
  expect(await once(98, null)).toEqual([]);
  expect((await store.alerts.list()).map(({ closedAt }) => closedAt)).toEqual([
    new Date(epoch + 98 * hour).toISOString(),
  ]);
});

test('a folder that is not there is noted once, and waited for', async () => {
  const watcher = start(0, null);
  await watcher.look();
  await watcher.look();
  await arrive('step1', 0);
  expect((await watcher.look()).steps).toBe(1);
  expect(noted).toEqual([`${join(dir, 'r')} is not there; waited for`]);
});
