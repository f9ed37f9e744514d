import { setMaxListeners } from 'node:events';
import type { JobRecord, Store } from '../store/index.ts';
import {
  type Job,
  type JobKind,
  type JobRunner,
  resultOf,
  waitingRecord,
} from '../runner/index.ts';
import type { ResultByKind } from '../runner/index.ts';

/** Begins of a step within one watch, where its process died or a bug ended it. */
const mostAttempts = 3;

/** A step that came to nothing. */
export type StepFailure = {
  readonly job: string;
  readonly kind: JobKind;
  readonly message: string;
};

export class StepFailed extends Error {
  readonly failure: StepFailure;
  constructor(failure: StepFailure) {
    super(failure.message);
    this.name = 'StepFailed';
    this.failure = failure;
  }
}

/** Has steps done, none twice. */
export type Steps = {
  /** @throws StepFailed where it came to nothing, now or in an earlier look. */
  do<Kind extends JobKind>(job: Job<Kind>): Promise<ResultByKind[Kind]>;
  /** What an earlier start left of a step; null where it is not done. */
  done<Kind extends JobKind>(job: Job<Kind>): Promise<ResultByKind[Kind] | null>;
  /** Steps that this watch had done. */
  readonly count: () => number;
};

/**
 * What is done stands in the store, and is remembered. Wrong input is not tried again in one watch, a crash a few times,
 * at later looks; a new start tries everything again that is not done.
 */
export function createSteps(store: Store, runner: JobRunner, signal: AbortSignal): Steps {
  // Every step that waits listens to it.
  setMaxListeners(0, signal);
  const finished = new Map<string, JobRecord>();
  const attempts = new Map<string, number>();
  // Of a look that failed steps may still be going while the next one comes to them.
  const running = new Map<string, Promise<JobRecord>>();
  let count = 0;

  const read = async (id: string): Promise<JobRecord | null> => {
    const known = finished.get(id) ?? (await store.jobs.read(id));
    if (known?.state === 'done') finished.set(id, known);
    return known;
  };

  /** The record of a step after it was tried; at once where it is done. */
  const attempt = async (job: Job): Promise<JobRecord> => {
    const before = await read(job.id);
    if (before !== null && resultOf(job.kind, before) !== null) return before;
    const tried = attempts.get(job.id) ?? 0;
    if (tried >= mostAttempts) throw failureOf(job, before);
    if (before === null) await store.jobs.write(waitingRecord(job));
    const record = await runner.run(job, signal);
    count += 1;
    const isHopeless = record.error?.kind === 'input';
    attempts.set(job.id, isHopeless ? mostAttempts : tried + 1);
    if (resultOf(job.kind, record) !== null) finished.set(job.id, record);
    return record;
  };

  const attemptOnce = (job: Job): Promise<JobRecord> => {
    const known = running.get(job.id);
    if (known !== undefined) return known;
    const started = attempt(job).finally(() => running.delete(job.id));
    running.set(job.id, started);
    return started;
  };

  return {
    count: () => count,
    done: async (job) => resultOf(job.kind, await read(job.id)),
    async do(job) {
      const record = await attemptOnce(job);
      const result = resultOf(job.kind, record);
      if (result === null) throw failureOf(job, record);
      return result;
    },
  };
}

function failureOf(job: Job, record: JobRecord | null): StepFailed {
  const message = record?.error?.message ?? 'it left no result';
  return new StepFailed({ job: job.id, kind: job.kind, message });
}
