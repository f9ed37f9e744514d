import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { type LadderRow, toCsv } from '../../src/jobs/testing/ladder-records.ts';
import { runJson } from './run-sonde.ts';

export type RecordStores = {
  /** A folder of the test file's own; there is none before its first hook ran. */
  readonly folder: () => string;
  /** A new store with these records: the options that name it. */
  readonly storeOf: (rows: readonly LadderRow[]) => Promise<string[]>;
};

/** Stores of made-up records for one test file, in a folder that is gone after its tests. Called at its top level. */
export function recordStores(): RecordStores {
  let folder = '';
  let stores = 0;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sonde-records-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const storeOf = async (rows: readonly LadderRow[]): Promise<string[]> => {
    stores += 1;
    const path = join(folder, `records-${stores}.csv`);
    writeFileSync(path, toCsv(rows));
    const store = ['--store', join(folder, `store-${stores}`)];
    await runJson([...store, 'import', path]);
    return store;
  };
  return { folder: () => folder, storeOf };
}
