// A series of checkpoints as the benches read it: a folder with outcomes.csv, suite/ and d128L4/.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anyOutcomes, importRecords, openStore } from '../dist/index.js';

export const bundledSeries = join(import.meta.dirname, '..', 'examples', 'tiny-olmo3');

/** Runs `use` on a store with the outcomes of a series: the one asked for, or one that is gone afterwards. */
export async function withSeriesStore({ store, series = bundledSeries }, use) {
  const scratch = mkdtempSync(join(tmpdir(), 'sonde-bench-'));
  try {
    const opened = await openStore(store ?? scratch);
    await importRecords(opened, join(series, 'outcomes.csv'));
    await use(opened);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** What `collectFitData` and `transfer` ask for: all checkpoints of a series, or those named by their folders. */
export function seriesRequest({ series = bundledSeries, names, folders } = {}) {
  const root = join(series, 'd128L4');
  return {
    suite: join(series, 'suite'),
    tasks: null,
    render: 'auto',
    ...anyOutcomes,
    checkpoints: folders ?? (names ?? readdirSync(root)).map((name) => join(root, name)),
  };
}
