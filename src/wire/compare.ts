import { z } from 'zod';
import { type Answer, answerFields, count, numberOrNull, share, textOrNull } from './values.ts';

/** Rates and differences are shares; a difference is b less a. As `sonde compare --json` says it. */
export type ComparedTask = {
  readonly suite: string;
  readonly task: string;
  readonly filter: string | null;
  readonly kind: string;
  /** Questions that both were asked. */
  readonly items: number;
  readonly itemsA: number;
  readonly itemsB: number;
  /** Independent units: groups of questions, and questions without one. */
  readonly units: number;
  readonly a: number;
  readonly b: number;
  readonly difference: number;
  /** This, the interval and the effect are null where there are fewer than two units. */
  readonly standardError: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Two-sided, for no difference. */
  readonly p: number;
  readonly test: string;
  /** By Holm, over the tasks of the answer. */
  readonly adjustedP: number;
  /** By Benjamini and Hochberg. */
  readonly fdrP: number;
  /** The true difference that 8 of 10 such comparisons would find at p < 0.05. */
  readonly minimalDetectableEffect: number | null;
  readonly won: number | null;
  readonly lost: number | null;
  readonly tied: number | null;
};

/** A question whose rate changed. */
export type ComparedQuestion = {
  readonly suite: string;
  readonly task: string;
  readonly item: string;
  readonly a: number;
  readonly b: number;
  readonly difference: number;
};

export type Comparison = Answer & {
  /** Checkpoints; where a run was asked for, the last one of it that was measured. */
  readonly a: string;
  readonly b: string;
  /** Of the intervals. */
  readonly level: number;
  readonly paired: boolean;
  readonly tasks: readonly ComparedTask[];
  /** What could not be compared, and why. */
  readonly exclusions: readonly {
    readonly suite: string;
    readonly task: string;
    /** Null: all of them. */
    readonly items: number | null;
    readonly reason: string;
  }[];
  /** The questions that changed most, as many as were asked for. */
  readonly flips: readonly ComparedQuestion[];
};

export const comparisonSchema: z.ZodType<Comparison> = z
  .strictObject({
    ...answerFields,
    a: z.string(),
    b: z.string(),
    level: share,
    paired: z.boolean(),
    tasks: z.array(
      z.strictObject({
        suite: z.string(),
        task: z.string(),
        filter: textOrNull,
        kind: z.string(),
        items: count,
        itemsA: count,
        itemsB: count,
        units: count,
        a: z.number(),
        b: z.number(),
        difference: z.number(),
        standardError: numberOrNull,
        low: numberOrNull,
        high: numberOrNull,
        p: share,
        test: z.string(),
        adjustedP: share,
        fdrP: share,
        minimalDetectableEffect: numberOrNull,
        won: count.nullable(),
        lost: count.nullable(),
        tied: count.nullable(),
      }),
    ),
    exclusions: z.array(
      z.strictObject({
        suite: z.string(),
        task: z.string(),
        items: count.nullable(),
        reason: z.string(),
      }),
    ),
    flips: z.array(
      z.strictObject({
        suite: z.string(),
        task: z.string(),
        item: z.string(),
        a: z.number(),
        b: z.number(),
        difference: z.number(),
      }),
    ),
  })
  .meta({ id: 'Comparison' });
