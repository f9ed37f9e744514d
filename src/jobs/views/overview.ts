import type {
  Alert,
  Change,
  Checkpoint,
  Overview,
  OverviewRun,
  Run,
  ScoreRow,
} from '../../wire/index.ts';
import type { Body } from './body.ts';
import type { Board, BoardRun, BoardTask } from './board.ts';

/** What stands beside the board. */
export type OverviewParts = {
  readonly project: string;
  /** Open ones, newest first. */
  readonly alerts: readonly Alert[];
  readonly forecasts: number;
  readonly probes: number;
  /** Runs with a scoreboard. */
  readonly limit: number;
};

/** The runs that changed last with their scoreboards. */
export function overviewOf(board: Board, parts: OverviewParts): Body<Overview> {
  const { project, alerts, forecasts, probes, limit } = parts;
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
      return { ...describeRun(run, own.length), scoreboard: scoreboardOf(board, run, own) };
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
  { checkpoints }: BoardRun,
  alerts: readonly Alert[],
): ScoreRow[] {
  const ids = checkpoints.map(({ checkpoint }) => checkpoint);
  return tasks.flatMap((task) => {
    const row = scoreOf(task, ids);
    const own = alerts.filter((one) => one.task === task.task && one.suite === task.suite);
    return row === null ? [] : [{ ...row, openAlerts: own.length }];
  });
}

/** Null where nothing is known of the task in this run. */
function scoreOf(
  { suite, task, chance, items, measured, series }: BoardTask,
  ids: readonly Checkpoint['checkpoint'][],
): Omit<ScoreRow, 'openAlerts'> | null {
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
    change: own === null ? predictedChange(atLatest, ids) : measuredChange(measured, ids),
  };
}

function measuredChange(measured: BoardTask['measured'], ids: readonly string[]): Change | null {
  const [from, to] = lastTwo(measured, ids);
  if (from === undefined || to === undefined || from.kind !== to.kind) return null;
  const errors = [from.standardError, to.standardError];
  const [a, b] = errors;
  return {
    kind: 'measured',
    from: from.checkpoint,
    difference: to.accuracy - from.accuracy,
    standardError: a == null || b == null ? null : Math.hypot(a, b),
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
  return { kind: 'predicted', from: from.checkpoint, difference, standardError: null };
}

function lastTwo<T>(
  values: ReadonlyMap<string, T>,
  ids: readonly string[],
): readonly [from: T | undefined, to: T | undefined] {
  const known = ids.flatMap((id) => values.get(id) ?? []);
  return [known.at(-2), known.at(-1)];
}
