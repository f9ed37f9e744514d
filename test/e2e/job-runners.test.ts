/** One suite of tests over every implementation of the seam. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createJob,
  createProcessRunner,
  type JobRunner,
  openQueueRunner,
  runWorker,
} from '../../src/runner/index.ts';
import { openStore, type Store } from '../../src/store/index.ts';
import { writeTinyCheckpoint } from '../../src/checkpoint/testing/tiny-checkpoint.ts';
import { hasRedis, startRedis } from '../helpers/redis.ts';

const entry = fileURLToPath(new URL('../../dist/runner/job-process.js', import.meta.url));

type Implementation = {
  readonly name: string;
  readonly open: (store: Store, folder: string) => Promise<JobRunner>;
};

const silent = { note: () => undefined, progress: () => undefined };
const processes = (store: Store, cwd: string): JobRunner => {
  return createProcessRunner(store, { cwd, entry, concurrency: 2, ...silent });
};

/** A queue on a server of its own, and a worker in this process. */
async function openQueue(store: Store, cwd: string): Promise<JobRunner> {
  const redis = await startRedis();
  const about = { url: redis.url, ...silent, timing: { lockMs: 2000, lookMs: 500 } };
  const own = processes(store, cwd);
  const stop = new AbortController();
  const working = runWorker(store, own, { ...about, signal: stop.signal });
  const queue = await openQueueRunner(store, about);
  return {
    concurrency: queue.concurrency,
    run: (job, signal) => queue.run(job, signal),
    async [Symbol.asyncDispose]() {
      await queue[Symbol.asyncDispose]();
      stop.abort();
      await working;
      await own[Symbol.asyncDispose]();
      await redis.stop();
    },
  };
}

const implementations: readonly Implementation[] = [
  {
    name: 'child processes',
    open: (store, cwd) => Promise.resolve(processes(store, cwd)),
  },
  ...(hasRedis ? [{ name: 'a queue and its worker', open: openQueue }] : []),
];

describe.each(implementations)('steps done by $name', ({ open }) => {
  let folder: string;
  let store: Store;
  let runner: JobRunner;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sonde-runner-'));
    store = await openStore(join(folder, '.sonde'));
    runner = await open(store, folder);
  });
  afterEach(async () => {
    await runner[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const signal = new AbortController().signal;
  const register = async (name: string): Promise<ReturnType<typeof createJob<'register'>>> => {
    const dir = await writeTinyCheckpoint(join(folder, 'run', name));
    return createJob('register', { dir, signature: name });
  };

  it('are recorded in the store, and done once however often they are asked for', async () => {
    const job = await register('step10');
    const both = await Promise.all([runner.run(job, signal), runner.run(job, signal)]);
    const again = await runner.run(job, signal);
    expect(both.map(({ state }) => state)).toEqual(['done', 'done']);
    expect(again).toMatchObject({
      ...{ id: job.id, kind: 'register', state: 'done', error: null, work: job.work },
      result: { checkpoint: 'run/step10', step: 10, run: 'run' },
    });
    expect(await store.jobs.list()).toEqual([again]);
    expect(JSON.parse(await readFile(join(store.dir, 'jobs', `${job.id}.json`), 'utf8'))).toEqual(
      again,
    );
  });

  it('that fail for wrong input say why, and are begun anew when asked for again', async () => {
    const job = createJob('register', { dir: join(folder, 'run', 'step20'), signature: 'x' });
    const failed = await runner.run(job, signal);
    expect(failed).toMatchObject({
      ...{ state: 'failed', result: null },
      error: { kind: 'input', message: expect.stringContaining('step20') as string },
    });
    await writeTinyCheckpoint(join(folder, 'run', 'step20'));
    expect(await runner.run(job, signal)).toMatchObject({ state: 'done', error: null });
  });

  it('that are interrupted leave nothing that looks finished', async () => {
    const job = await register('step30');
    const interruption = new AbortController();
    interruption.abort(new Error('interrupted'));
    await expect(runner.run(job, interruption.signal)).rejects.toThrow('interrupted');
    expect((await store.jobs.read(job.id))?.state ?? 'waiting').toBe('waiting');
    expect(await runner.run(job, signal)).toMatchObject({ state: 'done' });
  });

  it('whose process is killed are failed steps, and the runner goes on', async () => {
    const jobs = await Promise.all(['step40', 'step50', 'step60'].map(register));
    const [first, ...others] = jobs;
    await runner.run(first!, signal);
    const asked = others.map((job) => runner.run(job, signal));
    for (const pid of childrenOf(process.pid)) process.kill(pid, 'SIGKILL');
    await Promise.all(asked);
    // Kept for the next step, and killed before it comes.
    for (const pid of childrenOf(process.pid)) process.kill(pid, 'SIGKILL');
    const records = await Promise.all(others.map((job) => runner.run(job, signal)));
    expect(records.map(({ state }) => state)).toEqual(['done', 'done']);
  });
});

/** Processes that do steps for this one. */
function childrenOf(pid: number): number[] {
  const lines = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(pid)], {
    encoding: 'utf8',
  });
  return lines
    .split('\n')
    .filter((line) => line.includes('job-process'))
    .map((line) => Number.parseInt(line, 10));
}
