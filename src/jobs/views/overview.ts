import type { Alert, Change, Overview, OverviewRun, Run, ScoreRow } from '../../wire/index.ts';
import type { Body } from './body.ts';
import type { Board, BoardRun, BoardTask } from './board.ts';
import { lastPair, type PairedChanges, pairKey } from './paired-changes.ts';

/** What stands beside the board. */
export type OverviewParts = {
  readonly project: string;
  /** Open ones, newest first. */
  readonly alerts: readonly Alert[];
  readonly forecasts: number;
  readonly probes: number;
  readonly changes: PairedChanges;
  /** Runs with a scoreboard. */
  readonly limit: number;
};

/** The runs that changed last with their scoreboards. */
export function overviewOf(board: Board, parts: OverviewParts): Body<Overview> {
  const { project, alerts, forecasts, probes, changes, limit } = parts;
  return {
    project,
    counts: {
      runs: board.runs.length,
      checkpoints: board.checkpoints.size,
      tasks: board.tasks.length,
      forecasts,
      probes,
      openAlerts: alerts.length,
    },
    runs: board.runs.slice(0, limit).map((run): OverviewRun => {
      const own = alerts.filter((alert) => alert.run === run.run);
      return {
        ...describeRun(run, own.length),
        scoreboard: scoreboardOf(board, run, { alerts: own, changes }),
      };
    }),
    alerts,
  };
}

/** All runs, the one that changed last first. */
export function runsOf({ runs }: Board, alerts: readonly Alert[]): Run[] {
  return runs.map((run) =>
    describeRun(run, alerts.filter((alert) => alert.run === run.run).length),
  );
}

function describeRun({ run, checkpoints, updatedAt }: BoardRun, openAlerts: number): Run {
  const [latest, previous = null] = [checkpoints.at(-1), checkpoints.at(-2)];
  if (latest === undefined) throw new Error('overview: a run without checkpoints');
  return {
    ...{ run, checkpoints: checkpoints.length, latest, previous, openAlerts },
    updatedAt: updatedAt?.toISOString() ?? null,
  };
}

function scoreboardOf(
  { tasks }: Board,
  run: BoardRun,
  { alerts, changes }: Pick<OverviewParts, 'alerts' | 'changes'>,
): ScoreRow[] {
  return tasks.flatMap((task) => {
    const row = scoreOf(task, run, changes);
    const own = alerts.filter((one) => one.task === task.task && one.suite === task.suite);
    return row === null ? [] : [{ ...row, openAlerts: own.length }];
  });
}

/** Null where nothing is known of the task in this run. */
function scoreOf(
  { suite, task, chance, items, measured, series }: BoardTask,
  run: BoardRun,
  changes: PairedChanges,
): Omit<ScoreRow, 'openAlerts'> | null {
  const ids = run.checkpoints.map(({ checkpoint }) => checkpoint);
  const latest = ids.at(-1) ?? '';
  const speaking = series.find(({ estimates }) => ids.some((id) => estimates.has(id)));
  const lastId = ids.findLast((id) => measured.has(id));
  if (lastId === undefined && speaking === undefined) return null;
  const atLatest = series.find(({ estimates }) => estimates.has(latest));
  const own = measured.get(latest) ?? null;
  return {
    ...{ suite, task, chance, items },
    predicted: atLatest?.estimates.get(latest) ?? null,
    measured: own,
    lastMeasured: own !== null || lastId === undefined ? null : (measured.get(lastId) ?? null),
    change:
      own === null
        ? predictedChange(atLatest, ids)
        : measuredChange({ suite, task, measured }, run, changes),
  };
}

function measuredChange(
  task: Pick<BoardTask, 'suite' | 'task' | 'measured'>,
  run: BoardRun,
  changes: PairedChanges,
): Change | null {
  const ids = run.checkpoints.map(({ checkpoint }) => checkpoint);
  const [from, to] = lastTwo(task.measured, ids);
  if (from === undefined || to === undefined || from.kind !== to.kind) return null;
  const difference = to.accuracy - from.accuracy;
  const pair = lastPair(task, run);
  const paired = pair === null ? undefined : changes.get(pairKey(pair));
  // Questions that only one of the two answered leave another difference: then they are two samples.
  const isSame = paired !== undefined && Math.abs(paired.difference - difference) < 1e-9;
  const [a, b] = [from.standardError, to.standardError];
  const apart = a === null || b === null ? null : Math.hypot(a, b);
  return {
    ...{ kind: 'measured', from: from.checkpoint, difference },
    standardError: isSame ? paired.standardError : apart,
    paired: isSame,
  };
}

function predictedChange(
  series: BoardTask['series'][number] | undefined,
  ids: readonly string[],
): Change | null {
  if (series === undefined) return null;
  const [from, to] = lastTwo(series.estimates, ids);
  if (from === undefined || to === undefined) return null;
  const difference = to.predicted - from.predicted;
  return {
    kind: 'predicted',
    from: from.checkpoint,
    difference,
    standardError: null,
    paired: false,
  };
}

function lastTwo<T>(
  values: ReadonlyMap<string, T>,
  ids: readonly string[],
): readonly [from: T | undefined, to: T | undefined] {
  const known = ids.flatMap((id) => values.get(id) ?? []);
  return [known.at(-2), known.at(-1)];
}
