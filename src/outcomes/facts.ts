import { UserError } from '../error/index.ts';
import { columnOf, type FactField, factFields, type OutcomeRecord } from './record.ts';
import { sourceRow } from './source-row.ts';

type Seen = { value: string | number; row: number };

/**
 * Notes what the records of one file say of each checkpoint; they are given with their number, from 1.
 *
 * @returns a function that throws a UserError, both values and rows named, once a record disagrees with an earlier one
 * of the same source; null agrees with anything.
 */
export function createFactsCheck(): (record: OutcomeRecord, number: number) => void {
  const checkpoints = new Map<string, Map<FactField, Seen>>();
  return (record, number) => {
    const row = sourceRow(record, number);
    const key =
      record.source === null ? record.checkpoint : `${record.checkpoint}\n${record.source}`;
    const facts = checkpoints.get(key) ?? new Map<FactField, Seen>();
    checkpoints.set(key, facts);
    for (const field of factFields) {
      const value = record[field];
      if (value === null) continue;
      const seen = facts.get(field);
      if (seen === undefined) facts.set(field, { value, row });
      else if (seen.value !== value) throw disagreement(record, field, seen, row);
    }
  };
}

function disagreement(record: OutcomeRecord, field: FactField, seen: Seen, row: number): UserError {
  return new UserError(
    `\`outcomes\`: checkpoint \`${record.checkpoint}\` has \`${columnOf(field)}\` ${seen.value} in row ${seen.row} and ${String(record[field])} in row ${row}: the facts of a checkpoint agree over the rows of one source, correct one of the two`,
  );
}
