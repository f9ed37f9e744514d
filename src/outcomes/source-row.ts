import type { OutcomeRecord } from './record.ts';

const rows = new WeakMap<OutcomeRecord, number>();

/** Notes in which row or line of its file a record stands, where that is not its number among the records. */
export function noteSourceRow(record: OutcomeRecord, row: number): void {
  rows.set(record, row);
}

/** The row or line of a record that was read as the `number`th (from 1) of its file, for messages. */
export function sourceRow(record: OutcomeRecord, number: number): number {
  return rows.get(record) ?? number;
}
