/**
 * Steps that any worker of a queue does. The queue is a hint, the store is the truth: a step that the queue has lost is put
 * there again, and one that is done in the store is not waited for.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { Queue, QueueEvents } from 'bullmq';
import { type JobRecord, parseJobRecord, type Store } from '../store/index.ts';
import type { Job } from './job.ts';
import type { JobRunner } from './job-runner.ts';
import { queueName, type QueueTiming, usualTiming } from './queue-options.ts';
import { connectRedis } from './redis-connection.ts';
import { resultOf } from './results.ts';

export type QueueRunnerOptions = {
  /** `redis://…` or `rediss://…`. */
  readonly url: string;
  readonly note: (text: string) => void;
  /** @default BullMQ's */
  readonly timing?: QueueTiming;
};

/** Begins of a step by the queue: a crash may be the machine's. */
const attempts = 3;

/** Milliseconds before the second begin, twice as many before the third. */
const backoffMs = 1000;

/** @throws UserError where no Redis answers. */
export async function openQueueRunner(
  store: Store,
  { url, note, timing = usualTiming }: QueueRunnerOptions,
): Promise<JobRunner> {
  const connection = await connectRedis(url);
  const listening = await connectRedis(url);
  const name = await queueName(store);
  const queue = new Queue(name, { connection });
  const events = new QueueEvents(name, { connection: listening });
  const complain = sayOnce(note);
  queue.on('error', complain);
  events.on('error', complain);
  const bells = new Map<string, Bell>();
  events.on('completed', ({ jobId, returnvalue }) => bells.get(jobId)?.ring(returnvalue));
  events.on('failed', ({ jobId }) => bells.get(jobId)?.ring(null));
  await events.waitUntilReady();

  const askUntilDone = async (job: Job, bell: Bell, signal: AbortSignal): Promise<JobRecord> => {
    const before = await store.jobs.read(job.id);
    for (;;) {
      const record = bell.record ?? (await store.jobs.read(job.id));
      if (record !== null && resultOf(job.kind, record) !== null) return record;
      const isGone = (await queue.getJob(job.id)) === undefined;
      const isNew = record !== null && record.finishedAt !== before?.finishedAt;
      if (isGone && isNew && record.state === 'failed') return record;
      if (isGone) await enqueue(queue, job);
      await bell.wait(timing.lookMs, signal);
    }
  };

  return {
    concurrency: Infinity,
    async run(job, signal) {
      const other = bells.get(job.id)?.asked ?? null;
      if (other !== null) return await other;
      const bell = createBell();
      bells.set(job.id, bell);
      bell.asked = askUntilDone(job, bell, signal).finally(() => bells.delete(job.id));
      return await bell.asked;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([queue.close(), events.close()]);
      connection.disconnect();
      listening.disconnect();
    },
  };
}

/** Rung by the queue when a job ends, whichever way. */
type Bell = {
  /** What came with the last ring, where it was a record. */
  record: JobRecord | null;
  /** What everybody waits for who asks meanwhile. */
  asked: Promise<JobRecord> | null;
  ring(value: unknown): void;
  /** Until it rings, or for so long. @throws the signal's reason. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
};

function createBell(): Bell {
  let rung = new AbortController();
  const bell: Bell = {
    record: null,
    asked: null,
    ring(value) {
      bell.record = parseJobRecord(value);
      rung.abort();
    },
    async wait(ms, signal) {
      const either = AbortSignal.any([signal, rung.signal]);
      await wait(ms, undefined, { signal: either }).catch(() => undefined);
      rung = new AbortController();
      signal.throwIfAborted();
    },
  };
  return bell;
}

/** One job of an id at a time: BullMQ ignores a second one. */
async function enqueue(queue: Queue, job: Job): Promise<void> {
  await queue.add(job.kind, job, {
    ...{ jobId: job.id, priority: job.priority, attempts },
    backoff: { type: 'exponential', delay: backoffMs },
    ...{ removeOnComplete: true, removeOnFail: true },
  });
}

function sayOnce(note: (text: string) => void): (error: Error) => void {
  let before = '';
  return ({ message }) => {
    if (message === before) return;
    before = message;
    note(`queue: ${message}; waiting for it to come back`);
  };
}
