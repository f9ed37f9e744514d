/** A task that scores less than at the checkpoint before, by more than can be noise. */
import { normalQuantile } from '../../stats/index.ts';
import type { CheckedCheckpoint, CheckedTask } from '../checked-checkpoint.ts';
import { type Episode, points } from './episode.ts';

/** As for every minimal detectable effect: found in 8 of 10 comparisons, at α = 0.05. */
const ALPHA = 0.05;
const POWER = 0.8;

/** A drop is over once so much of it is made good: near its edge it would come and go. */
const MADE_GOOD = 0.5;

type Comparable = { readonly checkpoint: string; readonly task: CheckedTask };

/**
 * Opens where an accuracy is below that of the checkpoint before by more than the minimal detectable effect of that very
 * comparison (and than `leastDrop`), closes where half of the drop is made good. Where stage or rendering are new to the
 * probe nothing is compared.
 */
export function dropEpisodes(
  task: string,
  checkpoints: readonly CheckedCheckpoint[],
  { leastDrop }: { readonly leastDrop: number },
): Episode[] {
  const episodes: Episode[] = [];
  let before: Comparable | null = null;
  let open: Episode | null = null;
  for (const { checkpoint, tasks } of checkpoints) {
    const own = tasks.find((one) => one.task === task);
    if (own === undefined || own.status === 'remeasure') continue;
    if (open !== null) open = follow(open, { checkpoint, task: own });
    else if (before !== null) open = fallen(before, { checkpoint, task: own }, leastDrop);
    if (open?.closed !== null && open !== null) {
      episodes.push(open);
      open = null;
    }
    before = { checkpoint, task: own };
  }
  return open === null ? episodes : [...episodes, open];
}

function fallen(before: Comparable, now: Comparable, leastDrop: number): Episode | null {
  const effect = detectableEffect(before.task, now.task);
  const threshold = Math.max(effect, leastDrop);
  const [reference, value] = [before.task.predicted, now.task.predicted];
  if (!(reference - value > threshold)) return null;
  return {
    ...{ kind: 'drop', task: now.task.task, tasks: [now.task.task], opened: now.checkpoint },
    ...{ lastSeen: now.checkpoint, closed: null, value, reference, threshold },
    message: `${now.task.task} fell from ${points(reference)} at ${before.checkpoint} to ${points(value)} at ${now.checkpoint}, by more than the ${points(threshold)} points that can be noise`,
  };
}

function follow(open: Episode, { checkpoint, task }: Comparable): Episode {
  const { reference, threshold } = open;
  const isBack = task.predicted >= (reference ?? 0) - (1 - MADE_GOOD) * (threshold ?? 0);
  return {
    ...open,
    lastSeen: checkpoint,
    closed: isBack ? checkpoint : null,
    value: task.predicted,
  };
}

/** Of the paired comparison where both numbers are the probe's alone, else of two estimates that share nothing. */
function detectableEffect(before: CheckedTask, now: CheckedTask): number {
  const paired = now.change?.minimalDetectableEffect ?? null;
  if (paired !== null && before.labelled === 0) return paired;
  const error = Math.hypot(standardError(before), standardError(now));
  return (normalQuantile(1 - ALPHA / 2) + normalQuantile(POWER)) * error;
}

function standardError({ low, high, level }: CheckedTask): number {
  return (high - low) / 2 / normalQuantile((1 + level) / 2);
}
