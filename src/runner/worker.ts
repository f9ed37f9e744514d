import { type Job as QueuedJob, WaitingError, Worker } from 'bullmq';
import { UserError } from '../error/index.ts';
import type { JobRecord, Store } from '../store/index.ts';
import type { JobRunner } from './job-runner.ts';
import { parseJob } from './perform-job.ts';
import { queueName, type QueueTiming, usualTiming } from './queue-options.ts';
import { connectRedis } from './redis-connection.ts';

export type WorkerOptions = {
  readonly url: string;
  readonly note: (text: string) => void;
  /** @default BullMQ's */
  readonly timing?: QueueTiming;
  /** Ends the worker: what is being done stops after the batch it is in and goes back to the queue. */
  readonly signal: AbortSignal;
};

/**
 * So often a job may be found without its worker (killed, cut off, held by a debugger) before the queue gives it up. The
 * watcher puts it there again in any case.
 */
const mostStalls = 10;

export type WorkerReport = {
  /** Jobs that ended here, and those among them that failed. */
  readonly done: number;
  readonly failed: number;
};

/**
 * Takes jobs of a store's queue until the signal, so many at a time as the runner takes. The runner must not block this
 * thread: the queue takes a silent worker's job away.
 *
 * @throws UserError where no Redis answers.
 */
export async function runWorker(
  store: Store,
  runner: JobRunner,
  { url, note, timing = usualTiming, signal }: WorkerOptions,
): Promise<WorkerReport> {
  const connection = await connectRedis(url);
  const counts = { done: 0, failed: 0 };
  const perform = async (queued: QueuedJob, token?: string): Promise<JobRecord> => {
    try {
      const record = await runner.run(parseJob(queued.data), signal);
      counts.done += 1;
      if (record.state === 'failed') counts.failed += 1;
      // Wrong input is wrong everywhere; a crash may have been this machine's.
      if (record.state === 'done' || record.error?.kind === 'input') return record;
      throw new Error(record.error?.message ?? 'it left no result');
    } catch (error) {
      if (error instanceof UserError) note(error.message);
      if (!signal.aborted) throw error;
      await queued.moveToWait(token);
      throw new WaitingError();
    }
  };
  const worker = new Worker(await queueName(store), perform, {
    ...{ connection, concurrency: runner.concurrency, maxStalledCount: mostStalls },
    ...{ lockDuration: timing.lockMs, stalledInterval: timing.lookMs },
  });
  const said = new Set<string>();
  worker.on('error', ({ message }) => {
    if (said.has(message)) return;
    said.add(message);
    note(`queue: ${message}`);
  });
  worker.on('ready', () => said.clear());
  await worker.waitUntilReady();
  await aborted(signal);
  await worker.close();
  connection.disconnect();
  return counts;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
