import type { Store } from '../store/index.ts';
import type { CheckedCheckpoint } from './checked-checkpoint.ts';

/** By checkpoint, the tasks of which all questions are measured, in whatever way. */
export type MeasuredTasks = ReadonlyMap<string, ReadonlySet<string>>;

/** Of checkpoints with a task that is to be measured again; the others are not looked at. */
export async function readMeasuredTasks(
  store: Store,
  suite: string,
  checked: readonly CheckedCheckpoint[],
): Promise<MeasuredTasks> {
  const doubtful = checked.filter(({ tasks }) => tasks.some(({ remeasure }) => remeasure.advised));
  const measured = new Map<string, Set<string>>();
  if (doubtful.length === 0) return measured;
  const rows = await store.outcomes.status({
    suite,
    checkpoints: doubtful.map(({ checkpoint }) => checkpoint),
  });
  for (const { checkpoint, tasks } of doubtful) {
    const own = rows.filter((row) => row.checkpoint === checkpoint);
    const whole = tasks.filter(({ task, items }) =>
      own.some((row) => row.task === task && row.items >= items),
    );
    measured.set(checkpoint, new Set(whole.map(({ task }) => task)));
  }
  return measured;
}
