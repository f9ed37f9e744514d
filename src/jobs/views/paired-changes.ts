/** How sure changes between measured checkpoints are, question by question: the same questions vary together. */
import type { Store, TaskPair } from '../../store/index.ts';
import type { JobContext } from '../progress.ts';
import { readGroups } from '../status.ts';
import type { Board, BoardRun, BoardTask } from './board.ts';

/** The two checkpoints of a run at which a task was measured last, measured alike. */
export function lastPair(
  { suite, task, measured }: Pick<BoardTask, 'suite' | 'task' | 'measured'>,
  { checkpoints }: Pick<BoardRun, 'checkpoints'>,
): TaskPair | null {
  const known = checkpoints.flatMap(({ checkpoint }) => measured.get(checkpoint) ?? []);
  const [earlier, later] = [known.at(-2), known.at(-1)];
  if (earlier === undefined || later === undefined) return null;
  if (earlier.filter !== later.filter || earlier.kind !== later.kind) return null;
  const { filter } = later;
  return { suite, task, filter, earlier: earlier.checkpoint, later: later.checkpoint };
}

/** Of all tasks of some runs. */
export function lastPairs({ tasks }: Board, runs: readonly BoardRun[]): TaskPair[] {
  return runs.flatMap((run) => tasks.flatMap((task) => lastPair(task, run) ?? []));
}

export type PairedChange = { readonly difference: number; readonly standardError: number | null };
/** By `pairKey`. */
export type PairedChanges = ReadonlyMap<string, PairedChange>;

export function pairKey(pair: TaskPair): string {
  const { suite, task, filter, earlier, later } = pair;
  return JSON.stringify([suite, task, filter, earlier, later]);
}

export async function pairedChanges(
  store: Store,
  pairs: readonly TaskPair[],
  context: JobContext,
): Promise<PairedChanges> {
  const suites = [...new Set(pairs.map(({ suite }) => suite))];
  const groups = await readGroups(store, suites, context);
  const found = await store.outcomes.differences(pairs, groups);
  return new Map(
    found.flatMap(({ pair, difference, standardError }) => {
      const of = pairs[pair];
      return of === undefined ? [] : [[pairKey(of), { difference, standardError }] as const];
    }),
  );
}
