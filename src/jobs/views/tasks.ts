import type { Checkpoint, Estimate, Task } from '../../wire/index.ts';
import type { Board } from './board.ts';

/** Every task, in the order of suites and tasks. */
export function tasksOf({ tasks }: Board, suite: string | null): Task[] {
  return tasks
    .filter((one) => suite === null || one.suite === suite)
    .map(({ suite: own, task, chance, items, measured, series, filters }) => ({
      ...{ suite: own, task, chance, items },
      measuredCheckpoints: measured.size,
      estimatedCheckpoints: new Set(series.flatMap(({ estimates }) => [...estimates.keys()])).size,
      filters,
    }));
}

/** All checkpoints, run by run in their names' order, each run in the order of training. */
export function checkpointsOf({ runs }: Board, run: string | null): Checkpoint[] {
  return runs
    .filter((one) => run === null || one.run === run)
    .toSorted((a, b) => (a.run < b.run ? -1 : 1))
    .flatMap(({ checkpoints }) => checkpoints);
}

export type EstimateChoice = {
  readonly run?: string | undefined;
  readonly suite?: string | undefined;
  readonly task?: string | undefined;
  readonly checkpoint?: string | undefined;
  readonly probe?: string | undefined;
};

/** In the order of suites, tasks, probes and training. */
export function estimatesOf(board: Board, choice: EstimateChoice): Estimate[] {
  const { run, suite, task, checkpoint, probe } = choice;
  const ids = checkpointsOf(board, run ?? null).map((one) => one.checkpoint);
  const wanted = checkpoint === undefined ? ids : ids.filter((id) => id === checkpoint);
  return board.tasks
    .filter((one) => (suite ?? one.suite) === one.suite && (task ?? one.task) === one.task)
    .flatMap(({ series }) => series)
    .filter((one) => (probe ?? one.probe) === one.probe)
    .flatMap(({ estimates }) => wanted.flatMap((id) => estimates.get(id) ?? []));
}
