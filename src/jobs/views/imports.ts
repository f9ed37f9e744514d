import type { Store } from '../../store/index.ts';
import type { Imports } from '../../wire/index.ts';
import type { Board } from './board.ts';
import type { Body } from './body.ts';
import { readConflicts } from './checkpoints.ts';

/** Where outcomes came from, what is missing, and which facts contradict each other. */
export async function importsOf(
  store: Store,
  { gaps }: Board,
  mostGaps: number,
): Promise<Body<Imports>> {
  const sources = await store.outcomes.sources();
  return {
    sources: sources.map(({ writtenAt, ...source }) => ({
      ...source,
      importedAt: writtenAt.toISOString(),
    })),
    gaps: gaps.slice(0, mostGaps),
    gapsTotal: gaps.length,
    conflicts: await readConflicts(store),
  };
}
