/** Registered checkpoints, run by run in the order of training. */
import { compareOrder } from '../checkpoint/index.ts';
import type { RegisteredCheckpoint } from '../jobs/index.ts';
import type { Placed } from './check-checkpoint.ts';

export type FoundCheckpoint = {
  readonly registered: RegisteredCheckpoint;
  /** Of its newest file, milliseconds since 1970; null where the folder is gone. */
  readonly modifiedAt: number | null;
};

export type PlacedCheckpoint = Placed & Pick<FoundCheckpoint, 'modifiedAt'>;

export type WatchedRun = {
  readonly run: string | null;
  readonly checkpoints: readonly PlacedCheckpoint[];
};

/** By stage, then tokens where all of a run have them, else steps; equal ones by name. */
export function groupRuns(found: readonly FoundCheckpoint[]): WatchedRun[] {
  const runs = new Map<string | null, FoundCheckpoint[]>();
  for (const one of found) {
    const { run } = one.registered;
    const own = runs.get(run);
    if (own === undefined) runs.set(run, [one]);
    else own.push(one);
  }
  return [...runs]
    .sort(([a], [b]) => compareNames(a ?? '', b ?? ''))
    .map(([run, own]) => ({ run, checkpoints: inOrder(own) }));
}

function inOrder(found: readonly FoundCheckpoint[]): PlacedCheckpoint[] {
  const byTokens = found.every(({ registered }) => registered.tokens !== null);
  const factsOf = ({ registered }: FoundCheckpoint): Parameters<typeof compareOrder>[0] => {
    return byTokens ? registered : { ...registered, tokens: null };
  };
  const sorted = [...found].sort(
    (a, b) =>
      compareOrder(factsOf(a), factsOf(b)) ||
      compareNames(a.registered.checkpoint, b.registered.checkpoint),
  );
  return sorted.map((one, place) => ({ ...one, place, isPruned: one.modifiedAt === null }));
}

function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
