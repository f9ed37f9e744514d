/** What the answers of the HTTP API are made of. */
import { z } from 'zod';

/** An accuracy, a rate, a probability: 0…1. */
export const share: z.ZodNumber = z.number().min(0).max(1);
export const shareOrNull: z.ZodNullable<z.ZodNumber> = share.nullable();
/** What may be anything finite, or not known. */
export const numberOrNull: z.ZodNullable<z.ZodNumber> = z.number().nullable();
export const textOrNull: z.ZodNullable<z.ZodString> = z.string().nullable();
export const count: z.ZodNumber = z.number().int().nonnegative();
/** ISO 8601, UTC. */
export const time: z.ZodISODateTime = z.iso.datetime();
/** Accuracies that were to be had without states, by the baseline's name. */
export const baselines: z.ZodRecord<z.ZodString, z.ZodNullable<z.ZodNumber>> = z.record(
  z.string(),
  numberOrNull,
);

/** Every JSON object of Sonde begins so. */
export type Answer = {
  readonly schemaVersion: 1;
  /** The version of Sonde that answers. */
  readonly sonde: string;
};

/** The fields of `Answer`, to be spread into a schema. */
export const answerFields: { schemaVersion: z.ZodLiteral<1>; sonde: z.ZodString } = {
  schemaVersion: z.literal(1),
  sonde: z.string(),
};

/** Part of a list. */
export type Page<Row> = Answer & {
  readonly rows: readonly Row[];
  /** Pass it as `cursor` for the rows that follow; null at the end. */
  readonly next: string | null;
  /** Of the whole list. */
  readonly total: number;
};

export function pageSchema<Row>(row: z.ZodType<Row>): z.ZodType<Page<Row>> {
  return z.strictObject({ ...answerFields, rows: z.array(row), next: textOrNull, total: count });
}
