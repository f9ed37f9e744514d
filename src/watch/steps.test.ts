import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createJob, waitingRecord } from '../runner/index.ts';
import { type JobRecord, openStore, type Store } from '../store/index.ts';
import { createSteps } from './steps.ts';

let dir = '';
let store: Store;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'steps-'));
  store = await openStore(dir);
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

const work = {
  ...{ checkpoint: 'r/1', run: 'r', fingerprint: '1', setupSha256: '', suite: 's' },
  ...{ probe: 'p', probeId: 'p-1' },
};

test('a step that is asked for while it is done is done once', async () => {
  const job = createJob('extract', work);
  const begun: string[] = [];
  let end: (record: JobRecord) => void = () => undefined;
  const ended = new Promise<JobRecord>((resolve) => {
    end = resolve;
  });
  const steps = createSteps(
    store,
    {
      concurrency: 1,
      run: ({ id }) => {
        begun.push(id);
        return ended;
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    },
    new AbortController().signal,
  );
  const asked = [steps.do(job), steps.do(job)];
  const result = { tokens: 1, seconds: 1 };
  end({ ...waitingRecord(job), state: 'done', result });
  expect(await Promise.all(asked)).toEqual([result, result]);
  expect([begun, steps.count()]).toEqual([[job.id], 1]);
});
