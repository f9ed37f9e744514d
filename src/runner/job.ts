/** Steps of the work on a checkpoint. A step is named by a hash of all that goes into it, so nobody does one twice. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../store/index.ts';

type Checkpoint = {
  checkpoint: string;
  run: string | null;
  fingerprint: string;
  setupSha256: string;
};

/** A checkpoint as a probe reads it. */
export type Probed = Checkpoint & { suite: string; probe: string; probeId: string };

/** What goes into a step, by its kind. */
export type WorkByKind = {
  /** Read facts and fingerprint of a folder that looks like this. */
  register: { dir: string; signature: string };
  /** Bring the states that a probe reads into the store. */
  extract: Probed;
  predict: Probed;
  /** Label a few questions of the tasks that are to be measured again. */
  label: Probed & {
    tasks: string[];
    questions: number;
    samples: number;
    temperature: number;
    topP: number;
    seed: number;
  };
  /** What there is to act on: the prediction, corrected by labels where some were made, beside the checkpoint before. */
  estimate: Probed & {
    predictJob: string;
    /** These are null where nothing was labelled. */
    labelJob: string | null;
    labelSeed: number | null;
    previous: { checkpoint: string; fingerprint: string } | null;
  };
  /** Freeze what a ladder expects at the checkpoint's compute. */
  forecast: Checkpoint & { suite: string; ladder: string[]; tasks: string[] | null };
};

export type JobKind = keyof WorkByKind;
export type Work<Kind extends JobKind> = WorkByKind[Kind];

const checkpoint = {
  checkpoint: z.string(),
  run: z.string().nullable(),
  fingerprint: z.string(),
  setupSha256: z.string(),
};
const probed = { ...checkpoint, suite: z.string(), probe: z.string(), probeId: z.string() };

export const workSchemas: { readonly [Kind in JobKind]: z.ZodType<WorkByKind[Kind]> } = {
  register: z.object({ dir: z.string(), signature: z.string() }),
  extract: z.object(probed),
  predict: z.object(probed),
  label: z.object({
    ...probed,
    tasks: z.array(z.string()).min(1),
    questions: z.number().int().min(2),
    samples: z.number().int().min(1),
    temperature: z.number().min(0),
    topP: z.number().gt(0).max(1),
    seed: z.number().int().min(0),
  }),
  estimate: z.object({
    ...probed,
    predictJob: z.string(),
    labelJob: z.string().nullable(),
    labelSeed: z.number().int().nullable(),
    previous: z.object({ checkpoint: z.string(), fingerprint: z.string() }).nullable(),
  }),
  forecast: z.object({
    ...checkpoint,
    suite: z.string(),
    ladder: z.array(z.string()).min(1),
    tasks: z.array(z.string()).nullable(),
  }),
};

export type Job<Kind extends JobKind = JobKind> = {
  /** The kind and a hash of the work: letters, digits and one dash. */
  readonly id: string;
  readonly kind: Kind;
  readonly work: WorkByKind[Kind];
  /** Of several that wait the smallest goes first. */
  readonly priority: number;
};

/** Changes when a step's result changes in meaning: results of another version are not used. */
const workVersion = 1;

export function createJob<Kind extends JobKind>(
  kind: Kind,
  work: WorkByKind[Kind],
  priority = 100,
): Job<Kind> {
  const text = canonicalJson({ workVersion, kind, work });
  const hash = createHash('sha256').update(text, 'utf8').digest('hex').slice(0, 32);
  return { id: `${kind}-${hash}`, kind, work, priority };
}
