import { z } from 'zod';
import { type Answer, answerFields, count, textOrNull, time } from './values.ts';

/** One file that outcomes came from, or one labelling. */
export type ImportedSource = {
  /** The file's name, `label:<seed>` for answers that Sonde sampled. */
  readonly source: string | null;
  readonly suites: readonly string[];
  readonly records: number;
  readonly checkpoints: number;
  readonly tasks: number;
  readonly items: number;
  readonly samples: number;
  /** When it came into this folder. */
  readonly importedAt: string;
  /** It was imported with --replace: its records go before earlier ones. */
  readonly replaces: boolean;
};

/** A file that an import refused, and that was not imported since. */
export type RefusedSource = {
  /** The file's name. */
  readonly source: string;
  /** How it was read; null where that was not found out. */
  readonly format: string | null;
  readonly reason: string;
  /** The last time. */
  readonly refusedAt: string;
};

/** A task at a checkpoint that lacks outcomes which others of its run have. */
export type Gap = {
  readonly suite: string;
  readonly task: string;
  readonly filter: string | null;
  readonly checkpoint: string;
  /** 0: not measured. */
  readonly items: number;
  /** The most items that a checkpoint of the run has; null where the others have results of the whole task alone. */
  readonly of: number | null;
};

/** Two sources that say different things of one checkpoint: verbs that need the fact refuse. */
export type Conflict = {
  readonly checkpoint: string;
  readonly field: string;
  readonly values: readonly (string | number)[];
};

export type Imports = Answer & {
  /** The latest first. */
  readonly sources: readonly ImportedSource[];
  /** The latest first, at most 500. */
  readonly refused: readonly RefusedSource[];
  readonly refusedTotal: number;
  /** As many as `gaps` says. */
  readonly gaps: readonly Gap[];
  readonly gapsTotal: number;
  readonly conflicts: readonly Conflict[];
};

export const importsSchema: z.ZodType<Imports> = z
  .strictObject({
    ...answerFields,
    sources: z.array(
      z.strictObject({
        source: textOrNull,
        suites: z.array(z.string()),
        records: count,
        checkpoints: count,
        tasks: count,
        items: count,
        samples: z.number(),
        importedAt: time,
        replaces: z.boolean(),
      }),
    ),
    refused: z.array(
      z.strictObject({
        source: z.string(),
        format: textOrNull,
        reason: z.string(),
        refusedAt: time,
      }),
    ),
    refusedTotal: count,
    gaps: z.array(
      z.strictObject({
        suite: z.string(),
        task: z.string(),
        filter: textOrNull,
        checkpoint: z.string(),
        items: count,
        of: count.nullable(),
      }),
    ),
    gapsTotal: count,
    conflicts: z.array(
      z.strictObject({
        checkpoint: z.string(),
        field: z.string(),
        values: z.array(z.union([z.string(), z.number()])),
      }),
    ),
  })
  .meta({ id: 'Imports' });
