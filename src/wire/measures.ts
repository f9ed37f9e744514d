/** A task's accuracy at a checkpoint: as it was measured, and as a probe gave it. */
import { z } from 'zod';
import { baselines, count, numberOrNull, share, shareOrNull, textOrNull } from './values.ts';

/** Out of outcomes: answers that were sampled or imported. */
export type Measured = {
  readonly checkpoint: string;
  /** Mean over the items of their rate, or of their score. */
  readonly accuracy: number;
  /** With the items (or their groups) as clusters; null where one result of the whole task is all that is known. */
  readonly standardError: number | null;
  /** 95 %: 1.96 standard errors to both sides, Wilson's interval where nothing varies; null without a standard error. */
  readonly low: number | null;
  readonly high: number | null;
  /** `count`: shares of right answers; `score`: a mean score. */
  readonly kind: string;
  /** 0 where only the whole task's result is known. */
  readonly items: number;
  readonly samples: number;
  readonly filter: string | null;
  readonly source: string | null;
};

export const measuredSchema: z.ZodType<Measured> = z
  .strictObject({
    checkpoint: z.string(),
    accuracy: z.number(),
    standardError: numberOrNull,
    low: shareOrNull,
    high: shareOrNull,
    kind: z.string(),
    items: count,
    samples: z.number(),
    filter: textOrNull,
    source: textOrNull,
  })
  .meta({ id: 'Measured' });

/** As a probe predicted it. */
export type Estimate = {
  readonly suite: string;
  readonly task: string;
  readonly checkpoint: string;
  readonly run: string;
  readonly probe: string;
  /** Which fitted probe the name stood for. */
  readonly probeId: string;
  readonly items: number;
  /** Of these, how many had a label that was used. */
  readonly labelled: number;
  readonly predicted: number;
  readonly low: number;
  readonly high: number;
  /** Coverage that the interval aims at. */
  readonly level: number;
  /** How the interval was made, in words. */
  readonly method: string;
  /** `ok`, `drift` or `remeasure`. */
  readonly status: string;
  /** Why the status is not `ok`. */
  readonly reason: string | null;
  /** Whether measuring is advised: the status is not `ok`, or the interval is too wide to act on. */
  readonly remeasureAdvised: boolean;
  readonly baselines: Readonly<Record<string, number | null>>;
};

export const estimateSchema: z.ZodType<Estimate> = z
  .strictObject({
    suite: z.string(),
    task: z.string(),
    checkpoint: z.string(),
    run: z.string(),
    probe: z.string(),
    probeId: z.string(),
    items: count,
    labelled: count,
    predicted: share,
    low: share,
    high: share,
    level: share,
    method: z.string(),
    status: z.string(),
    reason: textOrNull,
    remeasureAdvised: z.boolean(),
    baselines,
  })
  .meta({ id: 'Estimate' });

/** A task that the store knows, by outcomes or by estimates. */
export type Task = {
  readonly suite: string;
  readonly task: string;
  /** The accuracy of a guess. */
  readonly chance: number | null;
  /** Of the outcomes, else of the estimates. */
  readonly items: number;
  /** That there are outcomes of, and that there are estimates of. */
  readonly measuredCheckpoints: number;
  readonly estimatedCheckpoints: number;
  readonly filters: readonly string[];
};

export const taskSchema: z.ZodType<Task> = z
  .strictObject({
    suite: z.string(),
    task: z.string(),
    chance: shareOrNull,
    items: count,
    measuredCheckpoints: count,
    estimatedCheckpoints: count,
    filters: z.array(z.string()),
  })
  .meta({ id: 'Task' });
