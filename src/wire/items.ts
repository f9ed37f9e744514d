import { z } from 'zod';
import { type Checkpoint, checkpointSchema } from './checkpoint.ts';
import {
  type Answer,
  answerFields,
  count,
  numberOrNull,
  share,
  shareOrNull,
  textOrNull,
} from './values.ts';

/** A row of the matrix. */
export type MatrixItem = {
  readonly item: string;
  /** Mean of its rates over the checkpoints, measured where measured, else predicted; null without either. */
  readonly mean: number | null;
  /** Place in `checkpoints` of the first one from which on it is solved (rate ≥ 0.5) wherever it is known; null: never. */
  readonly firstSolved: number | null;
};

/** The questions of a task × the checkpoints of a run. */
export type ItemMatrix = Answer & {
  readonly suite: string;
  readonly task: string;
  readonly run: string;
  readonly chance: number | null;
  /** Columns, in the order of training. */
  readonly checkpoints: readonly Checkpoint[];
  /** Rows, the easiest first. */
  readonly items: readonly MatrixItem[];
  /** Row-major, items × checkpoints; rates 0…1 rounded to 4 places, null for none. */
  readonly measured: readonly (number | null)[];
  /** The same of predictions. */
  readonly predicted: readonly (number | null)[];
  /** Whose predictions; null where there are none. */
  readonly probe: string | null;
  /** Under which filter the rates stand; null: the log told none. */
  readonly filter: string | null;
  readonly filters: readonly string[];
  readonly probes: readonly string[];
};

export const itemMatrixSchema: z.ZodType<ItemMatrix> = z
  .strictObject({
    ...answerFields,
    suite: z.string(),
    task: z.string(),
    run: z.string(),
    chance: shareOrNull,
    checkpoints: z.array(checkpointSchema),
    items: z.array(
      z.strictObject({ item: z.string(), mean: shareOrNull, firstSolved: count.nullable() }),
    ),
    measured: z.array(shareOrNull),
    predicted: z.array(shareOrNull),
    probe: textOrNull,
    filter: textOrNull,
    filters: z.array(z.string()),
    probes: z.array(z.string()),
  })
  .meta({ id: 'ItemMatrix' });

/** One question as a suite asks it. */
export type Question = {
  readonly suite: string;
  readonly task: string;
  readonly prompt: string | null;
  readonly messages: readonly { readonly role: string; readonly content: string }[] | null;
  readonly target: readonly string[];
  readonly choices: readonly string[] | null;
  readonly group: string | null;
};

export type ItemOutcome = {
  readonly suite: string;
  readonly task: string;
  readonly checkpoint: string;
  readonly step: number | null;
  readonly kind: string;
  /** Of n answers so many right; of a score, the mean. */
  readonly k: number | null;
  readonly n: number | null;
  readonly filter: string | null;
  readonly source: string | null;
};

export type ItemAnswer = {
  readonly checkpoint: string;
  readonly source: string;
  readonly filter: string | null;
  readonly sample: number;
  readonly answer: string;
  readonly extracted: string | null;
  readonly grade: number | null;
};

export type ItemPrediction = {
  readonly suite: string;
  readonly checkpoint: string;
  readonly probe: string;
  readonly p: number;
};

export type ShownItem = Answer & {
  readonly item: string;
  readonly questions: readonly Question[];
  readonly outcomes: readonly ItemOutcome[];
  /** At most `answers` a checkpoint, source and filter. */
  readonly answers: readonly ItemAnswer[];
  /** Of all. */
  readonly answersTotal: number;
  readonly predictions: readonly ItemPrediction[];
};

export const shownItemSchema: z.ZodType<ShownItem> = z
  .strictObject({
    ...answerFields,
    item: z.string(),
    questions: z.array(
      z.strictObject({
        suite: z.string(),
        task: z.string(),
        prompt: textOrNull,
        messages: z.array(z.strictObject({ role: z.string(), content: z.string() })).nullable(),
        target: z.array(z.string()),
        choices: z.array(z.string()).nullable(),
        group: textOrNull,
      }),
    ),
    outcomes: z.array(
      z.strictObject({
        suite: z.string(),
        task: z.string(),
        checkpoint: z.string(),
        step: numberOrNull,
        kind: z.string(),
        k: numberOrNull,
        n: numberOrNull,
        filter: textOrNull,
        source: textOrNull,
      }),
    ),
    answers: z.array(
      z.strictObject({
        checkpoint: z.string(),
        source: z.string(),
        filter: textOrNull,
        sample: count,
        answer: z.string(),
        extracted: textOrNull,
        grade: numberOrNull,
      }),
    ),
    answersTotal: count,
    predictions: z.array(
      z.strictObject({
        suite: z.string(),
        checkpoint: z.string(),
        probe: z.string(),
        p: share,
      }),
    ),
  })
  .meta({ id: 'ShownItem' });
