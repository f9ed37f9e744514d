import { stat } from 'node:fs/promises';
import { absent } from './atomic.ts';
import type { SqlRow } from './connection.ts';
import { someNumber, someText, text } from './outcome-rows.ts';
import type { Part } from './parts.ts';

/** What one part holds of one source. */
export type StoredSource = {
  source: string | null;
  suites: readonly string[];
  records: number;
  checkpoints: number;
  tasks: number;
  items: number;
  samples: number;
  /** When its file was written here. */
  writtenAt: Date;
  /** Its records go before earlier ones. */
  replaces: boolean;
};

/** Null where the part is gone by now. */
export async function toStoredSource(
  row: SqlRow,
  parts: ReadonlyMap<string, Part>,
): Promise<StoredSource | null> {
  const part = parts.get(someText(row, 'part'));
  const found = part === undefined ? null : await stat(part.path).catch(absent);
  if (found === null) return null;
  return {
    source: text(row, 'source'),
    suites: someText(row, 'suites').split('\u001f'),
    records: someNumber(row, 'records'),
    checkpoints: someNumber(row, 'checkpoints'),
    tasks: someNumber(row, 'tasks'),
    items: someNumber(row, 'items'),
    samples: someNumber(row, 'samples'),
    writtenAt: found.mtime,
    replaces: someNumber(row, 'revision') > 0,
  };
}
