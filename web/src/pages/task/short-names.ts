import type { Checkpoint } from '../../../../src/wire/index.ts';
import { withinRun } from '../../format/index.ts';

/** Longer ones would hide each other beside an axis. */
const mostCharacters = 16;

/**
 * Checkpoints of a run as an axis names them: their steps, with the stage where there are several, which may count anew;
 * without a step the name, or the place from 1 on where that is long.
 */
export function shortNames(
  checkpoints: readonly Pick<Checkpoint, 'checkpoint' | 'stage' | 'step'>[],
): string[] {
  const isStaged = new Set(checkpoints.map(({ stage }) => stage)).size > 1;
  return checkpoints.map(({ checkpoint, stage, step }, place) => {
    if (step !== null) return isStaged && stage !== null ? `${stage} ${step}` : String(step);
    const name = withinRun(checkpoint);
    return name.length > mostCharacters ? String(place + 1) : name;
  });
}
