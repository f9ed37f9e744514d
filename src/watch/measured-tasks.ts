import type { Store } from '../store/index.ts';
import type { CheckedCheckpoint } from './checked-checkpoint.ts';

/** By checkpoint, the tasks of which all questions are measured, in whatever way. */
export type MeasuredTasks = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Reads a store once for each checkpoint with a task that is to be measured again; the others are not looked at.
 *
 * @returns what is known of these and of all that were asked for before.
 */
export function createMeasuredTasks(
  store: Store,
  suite: string,
): (checked: readonly CheckedCheckpoint[]) => Promise<MeasuredTasks> {
  const measured = new Map<string, ReadonlySet<string>>();
  return async (checked) => {
    const unread = checked.filter(
      ({ checkpoint, tasks }) =>
        !measured.has(checkpoint) && tasks.some(({ remeasure }) => remeasure.advised),
    );
    if (unread.length === 0) return measured;
    const checkpoints = unread.map(({ checkpoint }) => checkpoint);
    const rows = await store.outcomes.status({ suite, checkpoints });
    for (const { checkpoint, tasks } of unread) {
      const own = rows.filter((row) => row.checkpoint === checkpoint);
      const whole = tasks.filter(({ task, items }) =>
        own.some((row) => row.task === task && row.items >= items),
      );
      measured.set(checkpoint, new Set(whole.map(({ task }) => task)));
    }
    return measured;
  };
}
