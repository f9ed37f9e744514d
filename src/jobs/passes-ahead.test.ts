import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeTinyCheckpoint } from '../checkpoint/testing/tiny-checkpoint.ts';
import { extract } from './extract.ts';
import { type KnownCheckpoint, resolveCheckpoints } from './known-checkpoint.ts';
import type { PassApart } from './pass-apart.ts';
import { passesAhead } from './passes-ahead.ts';
import { findProbeStates, type WantedStates } from './probe-states.ts';
import { type JobContext, jobContext } from './progress.ts';
import { StateCache } from './state-cache.ts';
import { openTinyRun, type TinyRun } from './testing/tiny-run.ts';

let run: TinyRun;
let checkpoints: KnownCheckpoint[];
/** What was asked for, and how many were at it at a time. */
let asked: PassApart[];
let most: number;
beforeEach(async () => {
  run = await openTinyRun();
  const folders = [20, 30].map((step) => join(run.dir, 'run', `step${step}`));
  for (const [seed, folder] of folders.entries()) {
    await writeTinyCheckpoint(folder, { family: 'qwen3', seed: seed + 1 });
  }
  checkpoints = [run.checkpoint, ...(await resolveCheckpoints(run.store, folders, jobContext()))];
  [asked, most] = [[], 0];
});
afterEach(() => run[Symbol.asyncDispose]());

const wanted = (changes: Partial<WantedStates> = {}): WantedStates => {
  return { suite: run.suite, render: 'prompt', exit: null, tokenLayers: () => null, ...changes };
};

/** Does the passes in this process, where their order can be seen. */
function here(parts: Partial<JobContext> = {}): JobContext {
  let running = 0;
  return jobContext({
    limits: { threads: 4 },
    passApart: async (pass) => {
      asked.push(pass);
      most = Math.max(most, (running += 1));
      const { dir, precision, threads, ...questions } = pass;
      await extract(
        run.store,
        { ...questions, checkpoint: dir },
        { pools: ['last'], layers: 'all', dtype: 'f32', precision, out: null },
        jobContext({ limits: { threads } }),
      );
      running -= 1;
    },
    ...parts,
  });
}

async function missing(): Promise<string[]> {
  const at = { cache: new StateCache(), context: jobContext() };
  const found = await Promise.all(
    checkpoints.map((checkpoint) => findProbeStates(run.store, checkpoint, wanted(), at)),
  );
  return checkpoints.filter((_, i) => found[i] === null).map(({ id }) => id);
}

test('states that are missing are there afterwards, two checkpoints at a time on four threads', async () => {
  await passesAhead(run.store, checkpoints, wanted(), here());
  const [suite, tasks] = [join(run.dir, 'suite'), ['add', 'alone']];
  expect(asked).toEqual(
    checkpoints.map(({ opened }) => {
      const how = { render: 'prompt', precision: 'f32', threads: 2 };
      return { dir: opened?.dir, suite, tasks, ...how };
    }),
  );
  expect([most, await missing()]).toEqual([2, []]);
  await passesAhead(run.store, checkpoints, wanted(), here());
  expect(asked).toHaveLength(3);
});

test('a single checkpoint, three threads, a limit of memory, and a pass that ends early stay here', async () => {
  const limits = { threads: 4, memoryBytes: 1e9 };
  await passesAhead(run.store, checkpoints.slice(1, 2), wanted(), here());
  await passesAhead(run.store, checkpoints, wanted(), here({ limits: { threads: 3 } }));
  await passesAhead(run.store, checkpoints, wanted(), here({ limits }));
  await passesAhead(run.store, checkpoints, wanted({ exit: 1 }), here());
  await passesAhead(run.store, checkpoints, wanted(), jobContext());
  expect([asked, await missing()]).toEqual([[], checkpoints.map(({ id }) => id)]);
});

test('one that fails is left to whoever needs the states; an interruption ends all', async () => {
  const fails = (): Promise<never> => Promise.reject(new Error('killed'));
  await passesAhead(run.store, checkpoints, wanted(), here({ passApart: fails }));
  expect(await missing()).toEqual(checkpoints.map(({ id }) => id));
  const stop = new AbortController();
  const interrupted = here({
    signal: stop.signal,
    passApart: (pass) => {
      asked.push(pass);
      stop.abort(new Error('interrupted'));
      return Promise.resolve();
    },
  });
  await expect(passesAhead(run.store, checkpoints, wanted(), interrupted)).rejects.toThrow(
    'interrupted',
  );
  expect(asked).toHaveLength(1);
});
