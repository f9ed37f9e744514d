import type { Store } from '../../store/index.ts';
import type { Imports } from '../../wire/index.ts';
import type { Board } from './board.ts';
import type { Body } from './body.ts';
import { readConflicts } from './checkpoints.ts';

/** Of the files that were refused; more than anybody reads. */
const mostRefused = 500;

/** Where outcomes came from, what was refused, what is missing, and which facts contradict each other. */
export async function importsOf(
  store: Store,
  { gaps }: Board,
  mostGaps: number,
): Promise<Body<Imports>> {
  const sources = await store.outcomes.sources();
  const refused = (await store.refusedImports.list()).sort((a, b) =>
    a.refusedAt < b.refusedAt ? 1 : -1,
  );
  return {
    sources: sources.map(({ writtenAt, ...source }) => ({
      ...source,
      importedAt: writtenAt.toISOString(),
    })),
    refused: refused
      .slice(0, mostRefused)
      .map(({ source, format, reason, refusedAt }) => ({ source, format, reason, refusedAt })),
    refusedTotal: refused.length,
    gaps: gaps.slice(0, mostGaps),
    gapsTotal: gaps.length,
    conflicts: await readConflicts(store),
  };
}
