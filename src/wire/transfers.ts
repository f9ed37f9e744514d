/** How far probes carry: trained on some checkpoints, scored on later ones, on tasks they never saw, on other stages. */
import { z } from 'zod';
import {
  type Answer,
  answerFields,
  count,
  numberOrNull,
  share,
  shareOrNull,
  textOrNull,
  time,
} from './values.ts';

/** A matrix in short. */
export type Transfer = {
  /** Of what was asked: the same question again replaces it. */
  readonly id: string;
  readonly suite: string;
  readonly tasks: readonly string[];
  /** In training order: rows and columns. */
  readonly checkpoints: readonly string[];
  /** A row's probe learned from all checkpoints up to its own, or from that one alone. */
  readonly train: 'upto' | 'one';
  /** An architecture, or `auto`: chosen anew for each row. */
  readonly probe: string;
  /** Share of each task's questions that was kept unseen. */
  readonly holdout: number;
  readonly seed: number;
  readonly precision: string;
  /** Differences across which outcomes were joined. */
  readonly across: readonly string[];
  readonly madeAt: string;
};

/** Means over tasks; the level error is a share, in means of cells the mean absolute one. */
export type TransferScores = {
  readonly auroc: number | null;
  readonly mse: number | null;
  readonly levelError: number | null;
};

/** One probe on one checkpoint, over the questions that it saw or did not see. */
export type TransferCell = TransferScores & {
  /** The last checkpoint that it learned from: the row. */
  readonly trained: string;
  /** The column; on the diagonal unseen questions alone. */
  readonly scored: string;
  readonly split: 'seen' | 'unseen';
  /** What makes the column another kind than all that it learned from: `stage sft`. */
  readonly break: string | null;
  /** Over the questions of all tasks together, and the same of each task's last rate alone. */
  readonly pooledAuroc: number | null;
  readonly taskPooledAuroc: number | null;
  readonly baselines: {
    readonly persistence: TransferScores;
    readonly historyOnly: TransferScores;
  };
  readonly tasks: readonly (TransferScores & { readonly task: string })[];
};

/** What an old probe still says of a checkpoint of another kind, and what some new labels repair. */
export type TransferBreak = {
  readonly trained: string;
  readonly scored: string;
  readonly break: string;
  readonly auroc: number | null;
  readonly refitAuroc: number | null;
  readonly refitPromptOnlyAuroc: number | null;
  readonly levelError: number | null;
  readonly correctedLevelError: number | null;
  readonly plainLevelError: number | null;
};

/** A task by a probe that never saw it. */
export type TransferLeftOut = {
  readonly task: string;
  /** The last checkpoint that it learned from. */
  readonly trained: string;
  readonly scored: string;
  readonly break: string | null;
  readonly items: number;
  readonly auroc: number | null;
  readonly oracleAuroc: number | null;
  /** By the probe that saw the task, on its unseen questions. */
  readonly knownAuroc: number | null;
  /** Predicted less measured. */
  readonly levelError: number | null;
};

/** As a store keeps it. */
export type TransferMatrix = Transfer & {
  readonly schemaVersion: 1;
  /** By row, then by column. */
  readonly cells: readonly TransferCell[];
  readonly breaks: readonly TransferBreak[];
  /** Empty where no task was left out. */
  readonly leftOut: readonly TransferLeftOut[];
};

export type TransferDetail = Answer & TransferMatrix;

const fields = {
  id: z.string(),
  suite: z.string(),
  tasks: z.array(z.string()),
  checkpoints: z.array(z.string()),
  train: z.enum(['upto', 'one']),
  probe: z.string(),
  holdout: share,
  seed: z.number(),
  precision: z.string(),
  across: z.array(z.string()),
  madeAt: time,
};

export const transferSchema: z.ZodType<Transfer> = z.strictObject(fields).meta({ id: 'Transfer' });

const scores = { auroc: shareOrNull, mse: numberOrNull, levelError: numberOrNull };
const place = { trained: z.string(), scored: z.string() };

const matrixFields = {
  ...fields,
  cells: z.array(
    z.strictObject({
      ...place,
      ...scores,
      split: z.enum(['seen', 'unseen']),
      break: textOrNull,
      pooledAuroc: shareOrNull,
      taskPooledAuroc: shareOrNull,
      baselines: z.strictObject({
        persistence: z.strictObject(scores),
        historyOnly: z.strictObject(scores),
      }),
      tasks: z.array(z.strictObject({ task: z.string(), ...scores })),
    }),
  ),
  breaks: z.array(
    z.strictObject({
      ...place,
      break: z.string(),
      auroc: shareOrNull,
      refitAuroc: shareOrNull,
      refitPromptOnlyAuroc: shareOrNull,
      levelError: numberOrNull,
      correctedLevelError: numberOrNull,
      plainLevelError: numberOrNull,
    }),
  ),
  leftOut: z.array(
    z.strictObject({
      ...place,
      task: z.string(),
      break: textOrNull,
      items: count,
      auroc: shareOrNull,
      oracleAuroc: shareOrNull,
      knownAuroc: shareOrNull,
      levelError: numberOrNull,
    }),
  ),
};

export const transferMatrixSchema: z.ZodType<TransferMatrix> = z.strictObject({
  schemaVersion: z.literal(1),
  ...matrixFields,
});

export const transferDetailSchema: z.ZodType<TransferDetail> = z
  .strictObject({ ...answerFields, ...matrixFields })
  .meta({ id: 'TransferDetail' });
