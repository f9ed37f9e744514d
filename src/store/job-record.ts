import { z } from 'zod';

/** A step of the work on a checkpoint, as `jobs/<id>.json` keeps it. */
export type JobRecord = {
  schemaVersion: 1;
  /** Names the work: its kind and a hash of what goes into it. */
  id: string;
  kind: string;
  run: string | null;
  checkpoint: string | null;
  suite: string | null;
  probe: string | null;
  state: 'waiting' | 'running' | 'done' | 'failed';
  /** Starts, the one that goes on included. */
  attempts: number;
  /** ISO 8601, as are the others. */
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  /** Why it failed; null elsewhere. */
  error: { kind: 'input' | 'bug' | 'crash'; message: string } | null;
  /** What went in. */
  work: Record<string, unknown>;
  /** What came out, in a form of its kind; null until it is done. */
  result: unknown;
};

const time = z.string().nullable();

export const jobRecordSchema: z.ZodType<JobRecord> = z.object({
  schemaVersion: z.literal(1),
  id: z.string(),
  kind: z.string(),
  run: z.string().nullable(),
  checkpoint: z.string().nullable(),
  suite: z.string().nullable(),
  probe: z.string().nullable(),
  state: z.enum(['waiting', 'running', 'done', 'failed']),
  attempts: z.number().int().nonnegative(),
  createdAt: z.string(),
  startedAt: time,
  finishedAt: time,
  error: z.object({ kind: z.enum(['input', 'bug', 'crash']), message: z.string() }).nullable(),
  work: z.record(z.string(), z.unknown()),
  result: z.unknown(),
});

/** A record as another process sent it; null where it is none. */
export function parseJobRecord(value: unknown): JobRecord | null {
  const parsed = jobRecordSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}
