import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeTinyCheckpoint } from '../checkpoint/testing/tiny-checkpoint.ts';
import { jobContext } from '../jobs/index.ts';
import { type JobRunner, performJob } from '../runner/index.ts';
import { openStore, type Store } from '../store/index.ts';
import { createDiscovery } from './discovery.ts';
import { findCheckpoints, type FoundCheckpoints } from './find-checkpoints.ts';
import { groupRuns } from './runs.ts';
import { createSteps } from './steps.ts';

let dir = '';
let store: Store;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'find-checkpoints-'));
  store = await openStore(join(dir, '.sonde'));
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

/** Does steps in this process. */
const here = (): JobRunner => ({
  concurrency: 1,
  run: (job) => performJob(store, job, jobContext()),
  [Symbol.asyncDispose]: () => Promise.resolve(),
});

/** What a watcher that has just been started finds. */
function find(): Promise<FoundCheckpoints> {
  const { signal } = new AbortController();
  return findCheckpoints(store, {
    ...{ dir: join(dir, 'runs'), nowMs: Date.now() },
    discovery: createDiscovery(join(dir, 'runs'), { quietMs: 0 }),
    steps: createSteps(store, here(), signal),
  });
}

const idsOf = ({ found }: FoundCheckpoints): (string | null)[][] =>
  groupRuns(found).map(({ run, checkpoints }) => [
    run,
    ...checkpoints.map(
      ({ registered, isPruned }) => `${registered.checkpoint}${isPruned ? ' gone' : ''}`,
    ),
  ]);

test('runs are told apart, and in the order of training, whatever the order of names', async () => {
  for (const name of ['b/step9', 'b/step100', 'a/step20']) {
    await writeTinyCheckpoint(join(dir, 'runs', name));
  }
  expect(idsOf(await find())).toEqual([
    ['a', 'a/step20'],
    ['b', 'b/step9', 'b/step100'],
  ]);
  await rm(join(dir, 'runs', 'b', 'step9'), { recursive: true });
  expect(idsOf(await find())).toEqual([
    ['a', 'a/step20'],
    ['b', 'b/step9 gone', 'b/step100'],
  ]);
});

test('of two folders with one id the second is refused, with both named', async () => {
  const first = await writeTinyCheckpoint(join(dir, 'runs', 'x', 'r', 'step1'));
  const second = join(dir, 'runs', 'y', 'r', 'step1');
  await cp(first, second, { recursive: true });
  const found = await find();
  expect(idsOf(found)).toEqual([['r', 'r/step1']]);
  expect(found.waiting).toEqual([
    {
      ...{ dir: second, state: 'refused' },
      reason: `its id r/step1 is that of ${first} too; rename one of the two`,
    },
  ]);
});

test('a checkpoint that contradicts itself is refused, the others are found', async () => {
  await writeTinyCheckpoint(join(dir, 'runs', 'r', 'step1'), { trainerState: { global_step: 2 } });
  await writeTinyCheckpoint(join(dir, 'runs', 'r', 'step3'));
  const found = await find();
  expect(idsOf(found)).toEqual([['r', 'r/step3']]);
  expect(found.waiting).toEqual([
    {
      ...{ dir: join(dir, 'runs', 'r', 'step1'), state: 'refused' },
      reason: expect.stringContaining('step') as string,
    },
  ]);
});
