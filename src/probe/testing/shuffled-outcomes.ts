import { keyedUniform } from '../../stats/index.ts';
import type { FitData, ProbeCheckpoint } from '../index.ts';

/**
 * The checkpoints of a fit with each task's outcomes dealt anew among all its pairs of question and checkpoint: nothing
 * ties an outcome to its question, nor to when it was measured. Dealt at every checkpoint by itself, the task's level would
 * still rise with training, and what of the states went with that ranks questions as well (docs/probing.md).
 */
export function shuffleOutcomes(
  { items, checkpoints }: Pick<FitData, 'items' | 'checkpoints'>,
  seed: number,
): ProbeCheckpoint[] {
  const shuffled = checkpoints.map((checkpoint) => ({
    ...checkpoint,
    k: checkpoint.k.slice(),
    n: checkpoint.n.slice(),
  }));
  for (const task of new Set(items.map((item) => item.task))) {
    const places = checkpoints.flatMap((_, c) =>
      items.flatMap((item, i) => (item.task === task ? [{ c, i }] : [])),
    );
    const dealt = places
      .map((place) => ({ ...place, at: keyedUniform('shuffle', seed, place.c, place.i) }))
      .sort((a, b) => a.at - b.at);
    places.forEach(({ c, i }, place) => {
      const from = dealt[place]!;
      shuffled[c]!.k[i] = checkpoints[from.c]!.k[from.i]!;
      shuffled[c]!.n[i] = checkpoints[from.c]!.n[from.i]!;
    });
  }
  return shuffled;
}
