import { z } from 'zod';
import { type ForecastMethod, forecastMethodSchema } from './forecast-methods.ts';
import { type Clusters, clustersSchema } from './forecast-clusters.ts';
import {
  type Answer,
  answerFields,
  count,
  numberOrNull,
  shareOrNull,
  textOrNull,
} from './values.ts';

/** A benchmark of a frozen forecast, with the truth where it has come. */
export type ForecastedTask = {
  readonly task: string;
  /** Of the answer that Sonde stands behind. */
  readonly accuracy: number | null;
  /** The 95 % interval. */
  readonly low: number | null;
  readonly high: number | null;
  readonly verdict: 'predictable' | 'not-predictable' | null;
  readonly measured: number | null;
  /** Items that the truth was measured on, and all of the benchmark. */
  readonly measuredItems: number | null;
  readonly expectedItems: number | null;
  /** Forecast less measured. */
  readonly errorPoints: number | null;
  /** Whether the 95 % interval holds the truth, and the 80 % one. */
  readonly covered: boolean | null;
  readonly covered80: boolean | null;
};

/** A frozen forecast. */
export type Forecast = {
  readonly id: string;
  /** These are null where the file was changed so that they cannot be read. */
  readonly createdAt: string | null;
  readonly suite: string | null;
  readonly target: { readonly flops: number; readonly checkpoint: string | null } | null;
  /** Ids of the checkpoints that it was made from. */
  readonly ladder: readonly string[];
  /** The file is not what was written: nothing of it is scored. */
  readonly changed: boolean;
  /** Why it is not scored though its target may be measured. */
  readonly note: string | null;
  readonly tasks: readonly ForecastedTask[];
};

const forecastFields = {
  id: z.string(),
  createdAt: textOrNull,
  suite: textOrNull,
  target: z.strictObject({ flops: z.number(), checkpoint: textOrNull }).nullable(),
  ladder: z.array(z.string()),
  changed: z.boolean(),
  note: textOrNull,
  tasks: z.array(
    z.strictObject({
      task: z.string(),
      accuracy: shareOrNull,
      low: shareOrNull,
      high: shareOrNull,
      verdict: z.enum(['predictable', 'not-predictable']).nullable(),
      measured: shareOrNull,
      measuredItems: count.nullable(),
      expectedItems: count.nullable(),
      errorPoints: numberOrNull,
      covered: z.boolean().nullable(),
      covered80: z.boolean().nullable(),
    }),
  ),
};

export const forecastSchema: z.ZodType<Forecast> = z
  .strictObject(forecastFields)
  .meta({ id: 'Forecast' });

/** A model of a ladder with what it scored. */
export type LadderPoint = {
  readonly checkpoint: string;
  readonly flops: number;
  readonly accuracy: number;
  readonly standardError: number | null;
};

/** Everything that was frozen of one benchmark. */
export type ForecastedBenchmark = {
  readonly task: string;
  /** 0 where only the whole task's result was known. */
  readonly items: number;
  readonly chance: number | null;
  readonly ladder: readonly LadderPoint[];
  readonly methods: readonly ForecastMethod[];
  /** The method behind `chosen`. */
  readonly chosen: string;
  /** What the verdict was judged on, by name. */
  readonly evidence: Readonly<Record<string, number | null>>;
  /** Null for forecasts frozen by a version that kept none, and where only whole tasks were known. */
  readonly clusters: Clusters | null;
};

export type ForecastDetail = Answer &
  Forecast & {
    /** The version of Sonde that made it. */
    readonly madeBy: string | null;
    /** Beside the truth: in the order of `tasks`; empty where the file cannot be read. */
    readonly benchmarks: readonly ForecastedBenchmark[];
    /** What it does without, and why. */
    readonly exclusions: readonly {
      readonly task: string | null;
      readonly checkpoint: string | null;
      readonly items: number;
      readonly reason: string;
    }[];
  };

export const forecastDetailSchema: z.ZodType<ForecastDetail> = z
  .strictObject({
    ...answerFields,
    ...forecastFields,
    madeBy: textOrNull,
    benchmarks: z.array(
      z.strictObject({
        task: z.string(),
        items: count,
        chance: shareOrNull,
        ladder: z.array(
          z.strictObject({
            checkpoint: z.string(),
            flops: z.number(),
            accuracy: z.number(),
            standardError: numberOrNull,
          }),
        ),
        methods: z.array(forecastMethodSchema),
        chosen: z.string(),
        evidence: z.record(z.string(), numberOrNull),
        clusters: clustersSchema.nullable(),
      }),
    ),
    exclusions: z.array(
      z.strictObject({
        task: textOrNull,
        checkpoint: textOrNull,
        items: count,
        reason: z.string(),
      }),
    ),
  })
  .meta({ id: 'ForecastDetail' });
