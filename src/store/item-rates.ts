import type { SqlRow } from './connection.ts';
import { someNumber, someText, text } from './outcome-rows.ts';

/** How often an item of a task was right at a checkpoint under a filter, 0…1. */
export type ItemRate = {
  item: string;
  checkpoint: string;
  filter: string | null;
  rate: number;
};

export function toItemRate(row: SqlRow): ItemRate {
  return {
    item: someText(row, 'item'),
    checkpoint: someText(row, 'checkpoint'),
    filter: text(row, 'filter'),
    rate: someNumber(row, 'rate'),
  };
}
