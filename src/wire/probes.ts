import { z } from 'zod';
import {
  type Answer,
  answerFields,
  count,
  numberOrNull,
  share,
  shareOrNull,
  textOrNull,
} from './values.ts';

/** How good predictions were: a ranking within each task × checkpoint, and errors. */
export type ProbeScore = {
  readonly auroc: number | null;
  /** What the true rates themselves would score. */
  readonly oracleAuroc: number | null;
  readonly mse: number | null;
  /** Predicted less measured accuracy; in summaries the mean of its absolute. */
  readonly levelError: number | null;
};

/** A fitted probe in short. */
export type Probe = {
  readonly name: string;
  readonly id: string;
  readonly suite: string;
  readonly architecture: string;
  readonly tasks: readonly string[];
  /** That it was fitted on, in the order of training. */
  readonly checkpoints: readonly string[];
  readonly questions: { readonly seen: number; readonly unseen: number };
  /** On its latest checkpoint, by a copy that learned from the earlier ones; null for a single one. */
  readonly scores: {
    readonly checkpoint: string;
    readonly seen: ProbeScore | null;
    readonly unseen: ProbeScore | null;
  } | null;
  readonly limits: readonly string[];
};

/** A fitted probe's predictions against outcomes, one cell a task × checkpoint × split. */
export type ProbeCell = ProbeScore & {
  readonly task: string;
  readonly checkpoint: string;
  /** Whether the probe saw the questions' outcomes at earlier checkpoints when it was fitted. */
  readonly split: 'seen' | 'unseen';
  /** Whether it was fitted on this checkpoint. */
  readonly fitted: boolean;
  readonly items: number;
  readonly predicted: number;
  readonly measured: number;
};

export type ReliabilityBin = {
  readonly predicted: number;
  readonly measured: number;
  /** 90 %. */
  readonly low: number;
  readonly high: number;
  readonly count: number;
};

export type ProbeDetail = Answer &
  Probe & {
    readonly seed: number;
    readonly representation: string | null;
    /** What was tried and what was taken. */
    readonly selection: readonly {
      readonly stage: string;
      readonly candidate: string;
      readonly auroc: number | null;
      readonly mse: number | null;
      readonly levelError: number | null;
      readonly chosen: boolean;
    }[];
    /** The card's own scores, beside the baselines. */
    readonly cardScores: readonly {
      readonly task: string;
      readonly split: string;
      readonly items: number;
      readonly auroc: number | null;
      readonly mse: number | null;
      readonly levelError: number | null;
      readonly baselines: Readonly<
        Record<
          string,
          {
            readonly auroc: number | null;
            readonly mse: number | null;
            readonly levelError: number | null;
          }
        >
      >;
    }[];
    /** How intervals are made. */
    readonly intervals: { readonly level: number; readonly method: string };
    /** How drift is noticed; null for a probe that cannot. */
    readonly drift: {
      readonly falseAlarmRate: number | null;
      readonly method: string;
      readonly signals: readonly { readonly name: string; readonly limit: number }[];
    } | null;
    /** Stored predictions of this fitted probe against the outcomes that there are now. */
    readonly cells: readonly ProbeCell[];
    /** Over all those questions; null below two. */
    readonly reliability: {
      readonly bins: readonly ReliabilityBin[];
      readonly error: number;
      readonly debiasedError: number;
      readonly slope: number | null;
      readonly intercept: number | null;
    } | null;
    /** What it said of each checkpoint that it was not fitted on. */
    readonly scored: readonly {
      readonly checkpoint: string;
      readonly tasks: number;
      readonly drift: number;
      readonly remeasure: number;
      /** Questions that it spoke for, and those of them that were labelled all the same. */
      readonly questions: number;
      readonly labelled: number;
    }[];
  };

const scoreFields = {
  auroc: shareOrNull,
  oracleAuroc: shareOrNull,
  mse: numberOrNull,
  levelError: numberOrNull,
};
const score: z.ZodType<ProbeScore> = z.strictObject(scoreFields);
const short = { auroc: shareOrNull, mse: numberOrNull, levelError: numberOrNull };

const probeFields = {
  name: z.string(),
  id: z.string(),
  suite: z.string(),
  architecture: z.string(),
  tasks: z.array(z.string()),
  checkpoints: z.array(z.string()),
  questions: z.strictObject({ seen: count, unseen: count }),
  scores: z
    .strictObject({ checkpoint: z.string(), seen: score.nullable(), unseen: score.nullable() })
    .nullable(),
  limits: z.array(z.string()),
};

export const probeSchema: z.ZodType<Probe> = z.strictObject(probeFields).meta({ id: 'Probe' });

export const probeDetailSchema: z.ZodType<ProbeDetail> = z
  .strictObject({
    ...answerFields,
    ...probeFields,
    seed: z.number(),
    representation: textOrNull,
    selection: z.array(
      z.strictObject({ stage: z.string(), candidate: z.string(), ...short, chosen: z.boolean() }),
    ),
    cardScores: z.array(
      z.strictObject({
        task: z.string(),
        split: z.string(),
        items: count,
        ...short,
        baselines: z.record(z.string(), z.strictObject(short)),
      }),
    ),
    intervals: z.strictObject({ level: share, method: z.string() }),
    drift: z
      .strictObject({
        falseAlarmRate: numberOrNull,
        method: z.string(),
        signals: z.array(z.strictObject({ name: z.string(), limit: z.number() })),
      })
      .nullable(),
    cells: z.array(
      z.strictObject({
        ...scoreFields,
        task: z.string(),
        checkpoint: z.string(),
        split: z.enum(['seen', 'unseen']),
        fitted: z.boolean(),
        items: count,
        predicted: share,
        measured: share,
      }),
    ),
    reliability: z
      .strictObject({
        bins: z.array(
          z.strictObject({
            predicted: share,
            measured: share,
            low: share,
            high: share,
            count,
          }),
        ),
        error: z.number(),
        debiasedError: z.number(),
        slope: numberOrNull,
        intercept: numberOrNull,
      })
      .nullable(),
    scored: z.array(
      z.strictObject({
        checkpoint: z.string(),
        tasks: count,
        drift: count,
        remeasure: count,
        questions: count,
        labelled: count,
      }),
    ),
  })
  .meta({ id: 'ProbeDetail' });
