/** What the schema has no member for, as texts in `additional_details` and `metadata`. */
import { toNumber } from '../log/fields.ts';
import { type FactField, outcomeColumns, type OutcomeRecord } from '../record.ts';
import type { Details } from './document.ts';

/** Marks what Sonde wrote itself, and reads back without guessing. */
export const writtenBy = { writer: 'sonde' };

/** Every field of a record that is not null, by its column. */
export function recordDetails(record: OutcomeRecord): Details {
  const details: Record<string, string> = { ...writtenBy };
  for (const { column, field } of outcomeColumns) {
    const value = record[field];
    // The task has a member of its own in the schema.
    if (value !== null && field !== 'task') details[column] = String(value);
  }
  return details;
}

/** The fields out of what `recordDetails` wrote; what is no such text is left out. */
export function fieldsIn(details: Readonly<Record<string, unknown>>): Partial<OutcomeRecord> {
  const fields: Partial<Record<keyof OutcomeRecord, unknown>> = {};
  for (const { column, field, type } of outcomeColumns) {
    const text = Object.hasOwn(details, column) ? details[column] : null;
    if (typeof text !== 'string' || text === '') continue;
    const value = type === 'text' ? text : toNumber(text);
    if (value !== null) fields[field] = value;
  }
  return fields as Partial<OutcomeRecord>;
}

export function isOurs(details: Readonly<Record<string, unknown>>): boolean {
  return Object.hasOwn(details, 'writer') && details['writer'] === writtenBy.writer;
}

/** What is known of a checkpoint. */
export type ModelFacts = Pick<OutcomeRecord, 'checkpoint'> &
  Partial<Pick<OutcomeRecord, FactField>>;

const factColumns = outcomeColumns.filter(({ field }) =>
  ['run', 'family', 'stage', 'step', 'tokens', 'params', 'paramsNonEmbedding', 'flops'].includes(
    field,
  ),
);

export function modelDetails(facts: ModelFacts): Details {
  const details: Record<string, string> = { ...writtenBy, checkpoint: facts.checkpoint };
  for (const { column, field } of factColumns) {
    const value = facts[field as FactField] ?? null;
    if (value !== null) details[column] = String(value);
  }
  return details;
}
