/** What of a run was not measured, or on fewer items than the rest of it. */
import { compareText } from './compare-text.ts';
import type { StatusRow } from '../store/index.ts';

/** A task at a checkpoint that lacks outcomes. */
export type StatusGap = {
  readonly suite: string;
  readonly task: string;
  readonly filter: string | null;
  readonly checkpoint: string;
  /** 0: not measured. */
  readonly items: number;
  /** The most items that a checkpoint of the run has; null where the others have results of the whole task alone. */
  readonly of: number | null;
};

/** A checkpoint that there are outcomes of. */
export type RunCheckpoint = { readonly checkpoint: string; readonly run: string | null };

/**
 * Cells of checkpoint × task × filter, run by run; checkpoints of which no run is known have none. A filter that is
 * not told agrees with any.
 *
 * @param checkpoints in the order of the gaps
 */
export function findGaps(
  rows: readonly StatusRow[],
  checkpoints: readonly RunCheckpoint[],
): StatusGap[] {
  const runs = new Map<string, string[]>();
  for (const { checkpoint, run } of checkpoints) {
    // Of models that belong to no known run none has to have what another has.
    if (run === null) continue;
    runs.set(run, [...(runs.get(run) ?? []), checkpoint]);
  }
  const measured = groupByTask(rows.filter(({ accuracy }) => accuracy !== null));
  const gaps: StatusGap[] = [];
  for (const ids of runs.values()) {
    if (ids.length < 2) continue;
    for (const own of measured) gaps.push(...gapsOf(own, ids));
  }
  return gaps.sort(
    (a, b) =>
      compareText(a.suite, b.suite) ||
      compareText(a.task, b.task) ||
      compareText(a.filter ?? '', b.filter ?? ''),
  );
}

type ByCheckpoint = ReadonlyMap<string, readonly StatusRow[]>;

function groupByTask(rows: readonly StatusRow[]): ByCheckpoint[] {
  const tasks = new Map<string, Map<string, StatusRow[]>>();
  for (const row of rows) {
    const key = JSON.stringify([row.suite, row.task]);
    const own = tasks.get(key) ?? new Map<string, StatusRow[]>();
    tasks.set(key, own);
    own.set(row.checkpoint, [...(own.get(row.checkpoint) ?? []), row]);
  }
  return [...tasks.values()];
}

/** Of one task at the checkpoints of one run. */
function gapsOf(measured: ByCheckpoint, ids: readonly string[]): StatusGap[] {
  const all = ids.flatMap((id) => measured.get(id) ?? []);
  const [first] = all;
  if (first === undefined) return [];
  const { suite, task } = first;
  const known = [...new Set(all.flatMap(({ filter }) => filter ?? []))];
  return (known.length === 0 ? [null] : known).flatMap((filter) => {
    const cells = ids.map((checkpoint) => ({
      checkpoint,
      rows: (measured.get(checkpoint) ?? []).filter(
        (row) => filter === null || row.filter === null || row.filter === filter,
      ),
    }));
    const itemsOf = (rows: readonly StatusRow[]): number =>
      rows.reduce((most, { items }) => Math.max(most, items), 0);
    const most = cells.reduce((sum, { rows }) => Math.max(sum, itemsOf(rows)), 0);
    return cells.flatMap(({ checkpoint, rows }): StatusGap[] => {
      const items = itemsOf(rows);
      const isGap = most > 0 ? items < most : rows.length === 0;
      const of = most > 0 ? most : null;
      return isGap ? [{ suite, task, filter, checkpoint, items, of }] : [];
    });
  });
}
