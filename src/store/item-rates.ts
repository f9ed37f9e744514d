import type { SqlRow } from './connection.ts';
import { someNumber, someText, text } from './outcome-rows.ts';

/** How often an item was right at a checkpoint under a filter, 0…1. */
export type ItemRate = {
  suite: string;
  task: string;
  item: string;
  checkpoint: string;
  filter: string | null;
  rate: number;
};

export function toItemRate(row: SqlRow): ItemRate {
  return {
    suite: someText(row, 'suite'),
    task: someText(row, 'task'),
    item: someText(row, 'item'),
    checkpoint: someText(row, 'checkpoint'),
    filter: text(row, 'filter'),
    rate: someNumber(row, 'rate'),
  };
}
