import { keyedUniform } from '../../stats/index.ts';
import type { FitData, ProbeCheckpoint } from '../index.ts';

/**
 * The checkpoints of a fit with each task's outcomes dealt anew among its questions, at every checkpoint by itself: rates
 * of tasks stay, nothing ties an outcome to its question.
 */
export function shuffleOutcomes(
  { items, checkpoints }: Pick<FitData, 'items' | 'checkpoints'>,
  seed: number,
): ProbeCheckpoint[] {
  const tasks = [...new Set(items.map(({ task }) => task))];
  return checkpoints.map((checkpoint) => {
    const [k, n] = [checkpoint.k.slice(), checkpoint.n.slice()];
    for (const task of tasks) {
      const places = items.flatMap((item, i) => (item.task === task ? [i] : []));
      const at = new Map(
        places.map((place) => [place, keyedUniform('shuffle', seed, checkpoint.id, place)]),
      );
      const dealt = places.toSorted((a, b) => at.get(a)! - at.get(b)!);
      places.forEach((place, i) => {
        const from = dealt[i]!;
        k[place] = checkpoint.k[from]!;
        n[place] = checkpoint.n[from]!;
      });
    }
    return { ...checkpoint, k, n };
  });
}
