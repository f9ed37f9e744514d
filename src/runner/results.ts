/** What comes out of a step, by its kind, as a job's record keeps it. */
import { z } from 'zod';
import type { RegisteredCheckpoint } from '../jobs/index.ts';
import type { JobRecord } from '../store/index.ts';
import type { JobKind } from './job.ts';

/** A task's accuracy at a checkpoint; shares from 0 to 1. */
export type PredictedTask = {
  task: string;
  items: number;
  predicted: number;
  low: number;
  high: number;
  /** Coverage that the interval aims at. */
  level: number;
  status: 'ok' | 'drift' | 'remeasure';
  /** Why the status is not `ok`. */
  reason: string | null;
  /** Questions with a label behind the number; 0 where the probe stands alone. */
  labelled: number;
  /** Whether it should be measured again, and with how many labels; null where all of them are too few. */
  remeasure: { advised: boolean; labels: number | null };
};

export type EstimatedTask = PredictedTask & {
  /** Since the checkpoint before, by predictions of the same questions; null where it cannot be told. */
  change: { difference: number; minimalDetectableEffect: number | null } | null;
};

export type ResultByKind = {
  register: RegisteredCheckpoint;
  extract: { tokens: number; seconds: number };
  predict: { tasks: PredictedTask[] };
  label: { tasks: { task: string; items: number; samples: number; accuracy: number }[] };
  estimate: { tasks: EstimatedTask[] };
  /** Id of the frozen forecast. */
  forecast: { forecast: string };
};

const number = z.number().nullable();
const text = z.string().nullable();

const predictedTask = {
  task: z.string(),
  items: z.number(),
  predicted: z.number(),
  low: z.number(),
  high: z.number(),
  level: z.number(),
  status: z.enum(['ok', 'drift', 'remeasure']),
  reason: text,
  labelled: z.number(),
  remeasure: z.object({ advised: z.boolean(), labels: number }),
};
const change = z.object({ difference: z.number(), minimalDetectableEffect: number }).nullable();
const labelledTask = {
  task: z.string(),
  items: z.number(),
  samples: z.number(),
  accuracy: z.number(),
};

const resultSchemas: { readonly [Kind in JobKind]: z.ZodType<ResultByKind[Kind]> } = {
  register: z.object({
    checkpoint: z.string(),
    dir: z.string(),
    fingerprint: z.string(),
    setupSha256: z.string(),
    run: text,
    family: text,
    stage: z.enum(['pretrain', 'midtrain', 'sft', 'dpo', 'rl']).nullable(),
    step: number,
    tokens: number,
    params: number,
    paramsNonEmbedding: number,
    flops: number,
  }),
  extract: z.object({ tokens: z.number(), seconds: z.number() }),
  predict: z.object({ tasks: z.array(z.object(predictedTask)) }),
  label: z.object({ tasks: z.array(z.object(labelledTask)) }),
  estimate: z.object({ tasks: z.array(z.object({ ...predictedTask, change })) }),
  forecast: z.object({ forecast: z.string() }),
};

/** The result in a record that is done; null where it is not, or was written by another version. */
export function resultOf<Kind extends JobKind>(
  kind: Kind,
  record: JobRecord | null,
): ResultByKind[Kind] | null {
  if (record?.state !== 'done' || record.kind !== kind) return null;
  const parsed = resultSchemas[kind].safeParse(record.result);
  return parsed.success ? parsed.data : null;
}
