import { z } from 'zod';
import { type Alert, alertSchema } from './alert.ts';
import { type Checkpoint, checkpointSchema } from './checkpoint.ts';
import { type Estimate, estimateSchema, type Measured, measuredSchema } from './measures.ts';
import { type Answer, answerFields, count, shareOrNull, time } from './values.ts';

/** A run in short. */
export type Run = {
  readonly run: string;
  readonly checkpoints: number;
  /** In the order of training; the one before it too. */
  readonly latest: Checkpoint;
  readonly previous: Checkpoint | null;
  readonly openAlerts: number;
  /** When a file about it last came into the store; null where none is about it alone. */
  readonly updatedAt: string | null;
};

const runFields = {
  run: z.string(),
  checkpoints: count,
  latest: checkpointSchema,
  previous: checkpointSchema.nullable(),
  openAlerts: count,
  updatedAt: time.nullable(),
};

export const runSchema: z.ZodType<Run> = z.strictObject(runFields).meta({ id: 'Run' });

/** From one checkpoint to the run's latest, in one kind of number: measured where both are, else predicted. */
export type Change = {
  readonly kind: 'measured' | 'predicted';
  /** The checkpoint before. */
  readonly from: string;
  /** Latest less earlier, −1…1. */
  readonly difference: number;
  /** Of a measured difference; null where one of the two has none. */
  readonly standardError: number | null;
  /** Whether it is that of differences question by question; else as if the two were independent. */
  readonly paired: boolean;
};

/** A task at a run's latest checkpoint. */
export type ScoreRow = {
  readonly suite: string;
  readonly task: string;
  readonly chance: number | null;
  readonly items: number;
  /** At the latest checkpoint, by the probe that spoke last; null where none did. */
  readonly predicted: Estimate | null;
  /** At the latest checkpoint. */
  readonly measured: Measured | null;
  /** Where the latest checkpoint is not measured: at the last one that is. */
  readonly lastMeasured: Measured | null;
  readonly change: Change | null;
  /** Of open ones about this task and run. */
  readonly openAlerts: number;
};

export type OverviewRun = Run & {
  /** In the order of suites and tasks. */
  readonly scoreboard: readonly ScoreRow[];
};

export type Overview = Answer & {
  /** The name of the folder that holds the store. */
  readonly project: string;
  readonly counts: {
    readonly runs: number;
    readonly checkpoints: number;
    readonly tasks: number;
    readonly forecasts: number;
    readonly probes: number;
    readonly openAlerts: number;
  };
  /** The ones that changed last first; those behind `limit` are listed by `/runs`. */
  readonly runs: readonly OverviewRun[];
  /** Open ones, newest first. */
  readonly alerts: readonly Alert[];
};

const changeSchema: z.ZodType<Change> = z.strictObject({
  kind: z.enum(['measured', 'predicted']),
  from: z.string(),
  difference: z.number().min(-1).max(1),
  standardError: z.number().nullable(),
  paired: z.boolean(),
});

const scoreRowSchema: z.ZodType<ScoreRow> = z
  .strictObject({
    suite: z.string(),
    task: z.string(),
    chance: shareOrNull,
    items: count,
    predicted: estimateSchema.nullable(),
    measured: measuredSchema.nullable(),
    lastMeasured: measuredSchema.nullable(),
    change: changeSchema.nullable(),
    openAlerts: count,
  })
  .meta({ id: 'ScoreRow' });

export const overviewSchema: z.ZodType<Overview> = z
  .strictObject({
    ...answerFields,
    project: z.string(),
    counts: z.strictObject({
      runs: count,
      checkpoints: count,
      tasks: count,
      forecasts: count,
      probes: count,
      openAlerts: count,
    }),
    runs: z.array(z.strictObject({ ...runFields, scoreboard: z.array(scoreRowSchema) })),
    alerts: z.array(alertSchema),
  })
  .meta({ id: 'Overview' });
