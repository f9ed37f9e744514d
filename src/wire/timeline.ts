import { z } from 'zod';
import { type Checkpoint, checkpointSchema } from './checkpoint.ts';
import { type Measured, measuredSchema } from './measures.ts';
import {
  type Answer,
  answerFields,
  baselines,
  count,
  numberOrNull,
  share,
  shareOrNull,
  textOrNull,
  time,
} from './values.ts';

/** An estimate on a timeline; without what all of one probe share. */
export type ProbedPoint = {
  readonly checkpoint: string;
  /** Whether the probe learned from this checkpoint: what it says there is no prediction, and its baselines know the rest. */
  readonly fitted: boolean;
  readonly predicted: number;
  readonly low: number;
  readonly high: number;
  /** Questions with a label that was used. */
  readonly labelled: number;
  /** `ok`, `drift` or `remeasure`. */
  readonly status: string;
  readonly reason: string | null;
  readonly baselines: Readonly<Record<string, number | null>>;
};

/** What one fitted probe said of a task. */
export type ProbedSeries = {
  readonly probe: string;
  readonly probeId: string;
  readonly level: number;
  /** How the intervals were made, in words; of the last point. */
  readonly method: string;
  readonly points: readonly ProbedPoint[];
};

/** A frozen forecast whose target is a checkpoint of this run, or a compute alone, forecast from this run alone. */
export type ForecastPoint = {
  readonly id: string;
  readonly createdAt: string;
  readonly targetFlops: number;
  /** Null where only a compute was given. */
  readonly targetCheckpoint: string | null;
  /** The largest compute that it was made from. */
  readonly fromFlops: number | null;
  readonly accuracy: number | null;
  /** The 95 % interval. */
  readonly low: number | null;
  readonly high: number | null;
  readonly verdict: 'predictable' | 'not-predictable' | null;
  /** Once the truth is known. */
  readonly measured: number | null;
  /** Forecast less measured, in points. */
  readonly errorPoints: number | null;
  readonly covered: boolean | null;
};

export type TaskTimeline = {
  readonly suite: string;
  readonly task: string;
  readonly chance: number | null;
  readonly items: number;
  readonly filters: readonly string[];
  /** Each in the order of training. Where a task was measured in several ways: in the one that `filter` names. */
  readonly measured: readonly Measured[];
  readonly probed: readonly ProbedSeries[];
  readonly forecasts: readonly ForecastPoint[];
};

export type RunTimeline = Answer & {
  readonly run: string;
  /** In the order of training. */
  readonly checkpoints: readonly Checkpoint[];
  /** The first checkpoint of each stage, in the order of training. */
  readonly stages: readonly { readonly stage: string; readonly from: string }[];
  readonly tasks: readonly TaskTimeline[];
};

const probedPointSchema: z.ZodType<ProbedPoint> = z.strictObject({
  checkpoint: z.string(),
  fitted: z.boolean(),
  predicted: share,
  low: share,
  high: share,
  labelled: count,
  status: z.string(),
  reason: textOrNull,
  baselines,
});

const probedSeriesSchema: z.ZodType<ProbedSeries> = z
  .strictObject({
    probe: z.string(),
    probeId: z.string(),
    level: share,
    method: z.string(),
    points: z.array(probedPointSchema),
  })
  .meta({ id: 'ProbedSeries' });

const forecastPointSchema: z.ZodType<ForecastPoint> = z
  .strictObject({
    id: z.string(),
    createdAt: time,
    targetFlops: z.number(),
    targetCheckpoint: textOrNull,
    fromFlops: numberOrNull,
    accuracy: shareOrNull,
    low: shareOrNull,
    high: shareOrNull,
    verdict: z.enum(['predictable', 'not-predictable']).nullable(),
    measured: shareOrNull,
    errorPoints: numberOrNull,
    covered: z.boolean().nullable(),
  })
  .meta({ id: 'ForecastPoint' });

const taskTimelineSchema: z.ZodType<TaskTimeline> = z
  .strictObject({
    suite: z.string(),
    task: z.string(),
    chance: shareOrNull,
    items: count,
    filters: z.array(z.string()),
    measured: z.array(measuredSchema),
    probed: z.array(probedSeriesSchema),
    forecasts: z.array(forecastPointSchema),
  })
  .meta({ id: 'TaskTimeline' });

export const runTimelineSchema: z.ZodType<RunTimeline> = z
  .strictObject({
    ...answerFields,
    run: z.string(),
    checkpoints: z.array(checkpointSchema),
    stages: z.array(z.strictObject({ stage: z.string(), from: z.string() })),
    tasks: z.array(taskTimelineSchema),
  })
  .meta({ id: 'RunTimeline' });
