/** How far a look went: what it did not look at stays as it is. */
import type { AlertRecord } from '../../store/index.ts';
import type { AlertKind } from '../../wire/index.ts';

export type Reach = {
  /** Ids of those of which everything is known that could end an alert that opened there. */
  readonly checkpoints: ReadonlySet<string>;
  /** False while later checkpoints of the run are still to come. */
  readonly isWhole: boolean;
  /** Null: all. */
  readonly tasks: readonly string[] | null;
  readonly ignore: readonly AlertKind[];
};

type Subject = Pick<AlertRecord, 'kind' | 'task' | 'tasks'>;

/** Whether the look is about the alert's kind, and about all of its tasks. */
export function looksFor({ tasks: looked, ignore }: Reach, alert: Subject): boolean {
  if (ignore.includes(alert.kind)) return false;
  if (looked === null) return true;
  return tasksOf(alert)?.every((task) => looked.includes(task)) ?? false;
}

/** Whether the alert says something of all these tasks, as far as is known. */
export function speaksOf(alert: Subject, tasks: readonly string[]): boolean {
  const own = tasksOf(alert);
  return own === null || tasks.every((task) => own.includes(task));
}

/** Null where it was not kept. */
function tasksOf({ task, tasks }: Subject): readonly string[] | null {
  return tasks ?? (task === null ? null : [task]);
}
