/** A task that scores less than was forecast for its checkpoint. */
import type { CheckedCheckpoint, CheckedTask } from '../checked-checkpoint.ts';
import { type Episode, points } from './episode.ts';

/** Over once so far into the lower half of the interval. */
const INSIDE = 0.25;

/**
 * Opens where the estimate is below the interval of the forecast, closes a quarter of the way from its lower end to the
 * forecast. A checkpoint without a forecast changes nothing.
 */
export function belowForecastEpisodes(
  task: string,
  checkpoints: readonly CheckedCheckpoint[],
): Episode[] {
  const episodes: Episode[] = [];
  let open: Episode | null = null;
  for (const { checkpoint, tasks } of checkpoints) {
    const own = tasks.find((one) => one.task === task);
    if (own === undefined || own.expected === null || own.status === 'remeasure') continue;
    const { low, accuracy } = own.expected;
    if (open === null) {
      if (own.predicted < low) open = begin(checkpoint, own, own.expected);
      continue;
    }
    const isBack = own.predicted >= low + INSIDE * (accuracy - low);
    open = {
      ...open,
      lastSeen: checkpoint,
      value: own.predicted,
      closed: isBack ? checkpoint : null,
    };
    if (isBack) {
      episodes.push(open);
      open = null;
    }
  }
  return open === null ? episodes : [...episodes, open];
}

function begin(
  checkpoint: string,
  { task, predicted, low, high }: CheckedTask,
  expected: NonNullable<CheckedTask['expected']>,
): Episode {
  return {
    ...{
      kind: 'below-forecast',
      task,
      tasks: [task],
      opened: checkpoint,
      lastSeen: checkpoint,
      closed: null,
    },
    ...{ value: predicted, reference: expected.accuracy, threshold: expected.low },
    message: `${task} at ${checkpoint}: ${points(predicted)} (${points(low)} to ${points(high)}) is below what was forecast, ${points(expected.accuracy)} (${points(expected.low)} to ${points(expected.high)})`,
  };
}
