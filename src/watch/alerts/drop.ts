/** A task that scores less than at the checkpoint before, by more than can be noise. */
import { normalQuantile } from '../../stats/index.ts';
import type { CheckedCheckpoint, CheckedTask } from '../checked-checkpoint.ts';
import { type Episode, points } from './episode.ts';

/** As for every minimal detectable effect: found in 8 of 10 comparisons, at α = 0.05. */
const ALPHA = 0.05;
const POWER = 0.8;

/** A drop is over once so much of it is made good: near its edge it would come and go. */
const MADE_GOOD = 0.5;

/** One that lasts. */
type Drop = {
  readonly episode: Episode;
  /** The accuracy that ends it: above the one it fell to by more than half of what can be noise, as the drop is larger. */
  readonly madeGoodAt: number;
};

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
  let open: Drop | null = null;
  for (const { checkpoint, tasks } of checkpoints) {
    const own = tasks.find((one) => one.task === task);
    if (own === undefined || own.status === 'remeasure') continue;
    if (open !== null) open = follow(open, { checkpoint, task: own });
    else if (before !== null) open = fallen(before, { checkpoint, task: own }, leastDrop);
    if (open !== null && open.episode.closed !== null) {
      episodes.push(open.episode);
      open = null;
    }
    before = { checkpoint, task: own };
  }
  return open === null ? episodes : [...episodes, open.episode];
}

function fallen(before: Comparable, now: Comparable, leastDrop: number): Drop | null {
  const effect = detectableEffect(before.task, now.task);
  const threshold = Math.max(effect, leastDrop);
  const [reference, value] = [before.task.predicted, now.task.predicted];
  const drop = reference - value;
  if (!(drop > threshold)) return null;
  const { task } = now.task;
  const limit =
    leastDrop > effect
      ? `the ${points(leastDrop)} points of \`least_drop\` (${points(effect)} can be noise)`
      : `the ${points(effect)} points that can be noise`;
  const episode: Episode = {
    ...{ kind: 'drop', task, tasks: [task], opened: now.checkpoint, lastSeen: now.checkpoint },
    ...{ closed: null, value, reference, threshold },
    message: `${task} fell from ${points(reference)} at ${before.checkpoint} to ${points(value)} at ${now.checkpoint}, by more than ${limit}`,
  };
  return { episode, madeGoodAt: reference - (1 - MADE_GOOD) * drop };
}

function follow({ episode, madeGoodAt }: Drop, { checkpoint, task }: Comparable): Drop {
  const closed = task.predicted >= madeGoodAt ? checkpoint : null;
  return {
    episode: { ...episode, lastSeen: checkpoint, closed, value: task.predicted },
    madeGoodAt,
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
