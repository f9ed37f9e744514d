import { z } from 'zod';
import { UserError } from '../error/index.ts';
import type { JobContext } from '../jobs/index.ts';
import type { JobRecord, Store } from '../store/index.ts';
import { performWork } from './perform-work.ts';
import { type Job, type JobKind, workSchemas } from './job.ts';
import { resultOf } from './results.ts';

/**
 * Does a step, unless its result is in the store already, and records what came of it. Where it is interrupted, or the
 * process dies in it, the record says so and the next start does it again: every step leaves the same behind, however
 * often it is begun.
 *
 * @throws the signal's reason where it is interrupted.
 */
export async function performJob(store: Store, job: Job, context: JobContext): Promise<JobRecord> {
  const before = await store.jobs.read(job.id);
  if (resultOf(job.kind, before) !== null && before !== null) return before;
  const started = startedRecord(job, before);
  await store.jobs.write(started);
  const ended = (end: Partial<JobRecord>): Promise<JobRecord> => {
    return keepEnd(store, job, { ...started, finishedAt: new Date().toISOString(), ...end });
  };
  try {
    return await ended({ state: 'done', result: await performWork(store, job, context) });
  } catch (error) {
    if (!context.signal.aborted)
      return await ended({ state: 'failed', error: describeError(error) });
    await keepEnd(store, job, { ...started, state: 'waiting' });
    throw context.signal.reason;
  }
}

/** Another process may have done the same meanwhile, after this one was taken for dead: what is done stays done. */
async function keepEnd(store: Store, job: Job, record: JobRecord): Promise<JobRecord> {
  const other = record.state === 'done' ? null : await store.jobs.read(job.id);
  if (other !== null && resultOf(job.kind, other) !== null) return other;
  await store.jobs.write(record);
  return record;
}

/** The record of a step that nobody has begun. */
export function waitingRecord({ id, kind, work }: Job): JobRecord {
  const about = z
    .object({
      run: z.string().nullable().default(null),
      checkpoint: z.string().nullable().default(null),
      suite: z.string().nullable().default(null),
      probe: z.string().nullable().default(null),
    })
    .parse(work);
  return {
    ...{ schemaVersion: 1, id, kind, ...about, state: 'waiting', attempts: 0 },
    createdAt: new Date().toISOString(),
    ...{ startedAt: null, finishedAt: null, error: null, work, result: null },
  };
}

/** The record of a step whose process died. */
export function crashedRecord(job: Job, before: JobRecord | null, message: string): JobRecord {
  return {
    ...(before ?? startedRecord(job, null)),
    state: 'failed',
    finishedAt: new Date().toISOString(),
    error: { kind: 'crash', message },
  };
}

function startedRecord(job: Job, before: JobRecord | null): JobRecord {
  const record = before ?? waitingRecord(job);
  const startedAt = new Date().toISOString();
  const attempts = record.attempts + 1;
  return { ...record, state: 'running', attempts, startedAt, finishedAt: null, error: null };
}

function describeError(error: unknown): NonNullable<JobRecord['error']> {
  if (error instanceof UserError) return { kind: 'input', message: error.message };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { kind: 'bug', message };
}

/** A job as another process sent it. @throws UserError where it is none. */
export function parseJob(value: unknown): Job {
  const kinds = Object.keys(workSchemas) as [JobKind, ...JobKind[]];
  const parsed = z
    .object({
      id: z.string().regex(/^[a-z]+-[0-9a-f]{32}$/),
      kind: z.enum(kinds),
      work: z.record(z.string(), z.unknown()),
      priority: z.number(),
    })
    .safeParse(value);
  const work = parsed.success ? workSchemas[parsed.data.kind].safeParse(parsed.data.work) : null;
  if (parsed.success && work?.success === true) return { ...parsed.data, work: work.data };
  throw new UserError(
    'worker: expected a job of this version of sonde, got another; run the same version everywhere',
    { cause: parsed.error ?? work?.error },
  );
}
