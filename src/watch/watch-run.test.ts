import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Job, type JobRunner, waitingRecord } from '../runner/index.ts';
import { type JobRecord, openStore, type Store } from '../store/index.ts';
import { groupRuns, type WatchedRun } from './runs.ts';
import type { WatchSettings } from './settings.ts';
import { createSteps } from './steps.ts';
import { watchRun, type WatchedProbe } from './watch-run.ts';

let dir = '';
let store: Store;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'watch-run-'));
  store = await openStore(dir);
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

/** Accuracies of the one task `add` at checkpoints `r/0`, `r/1`, … */
const run = (count: number): WatchedRun =>
  groupRuns(
    Array.from({ length: count }, (_, step) => ({
      registered: {
        ...{ checkpoint: `r/${step}`, dir: `/r/${step}`, fingerprint: `${step}`, setupSha256: '' },
        ...{ run: 'r', family: null, stage: null, step, tokens: null, flops: null },
        ...{ params: null, paramsNonEmbedding: null },
      },
      modifiedAt: 0,
    })),
  )[0]!;

/** A machine on which models need no time: each checkpoint scores what stands here. */
const scores = (accuracies: readonly number[]): JobRunner => {
  const resultOf = ({ kind, work }: Job): unknown => {
    const predicted = accuracies[Number('fingerprint' in work ? work.fingerprint : '')] ?? 0;
    const task = {
      ...{ task: 'add', items: 100, predicted, low: predicted - 0.02, high: predicted + 0.02 },
      ...{ level: 0.9, status: 'ok', reason: null, labelled: 0 },
      remeasure: { advised: false, labels: null },
    };
    if (kind === 'predict') return { tasks: [task] };
    if (kind === 'estimate') {
      return { tasks: [{ ...task, change: { difference: 0, minimalDetectableEffect: 0.05 } }] };
    }
    return { tokens: 1, seconds: 1 };
  };
  return {
    concurrency: 1,
    run: async (job) => {
      const record: JobRecord = { ...waitingRecord(job), state: 'done', result: resultOf(job) };
      await store.jobs.write(record);
      return record;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
};

const settings: WatchSettings = {
  ...{ dir: '/r', probes: ['p'], tasks: null, ladder: [], label: null, quietMs: 0 },
  alerts: { leastDrop: 0, ignore: [], stalledAfterMs: null },
  ...{ notifiers: [], exporters: [] },
};

/** What a watcher that has just been started says, and the closing times of all alerts after each checkpoint. */
async function look(accuracies: readonly number[]): Promise<[WatchedProbe, (string | null)[][]]> {
  const closings: (string | null)[][] = [];
  const report = await watchRun(
    run(accuracies.length),
    { name: 'p', id: 'p-1', suite: 's', tasks: ['add'] },
    {
      ...{ store, settings, readAnswers: () => Promise.resolve([]) },
      steps: createSteps(store, scores(accuracies), new AbortController().signal),
      now: () => new Date('2026-01-01T00:00:00.000Z'),
      onChecked: async () => {
        closings.push((await store.alerts.list()).map(({ closedAt }) => closedAt));
      },
    },
  );
  return [report, closings];
}

test('while early checkpoints are done again, alerts that opened later stay as they are', async () => {
  const accuracies = [0.5, 0.5, 0.5, 0.9, 0.6];
  const [first] = await look(accuracies);
  expect(first.alerts.map(({ checkpoint, closedAt }) => [checkpoint, closedAt])).toEqual([
    ['r/4', null],
  ]);
  const jobs = await store.jobs.list();
  for (const { id, checkpoint } of jobs) {
    if (checkpoint === 'r/0' || checkpoint === 'r/1') await store.jobs.remove(id);
  }
  const before = await store.alerts.list();
  const [again, closings] = await look(accuracies);
  expect(closings).toEqual([[null], [null], [null]]);
  expect(again).toEqual(first);
  expect(await store.alerts.list()).toEqual(before);
});

test('alerts are told of a run whose last checkpoint has nothing to do, and of which nothing is new', async () => {
  const [first] = await look([0.9, 0.6]);
  const [again, closings] = await look([0.9, 0.6]);
  expect([again, closings]).toEqual([first, []]);
});
