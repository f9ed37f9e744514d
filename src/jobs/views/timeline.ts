import type {
  ForecastPoint,
  ProbedPoint,
  ProbedSeries,
  RunQuery,
  RunTimeline,
  TaskTimeline,
} from '../../wire/index.ts';
import type { ListedForecast } from '../forecast/index.ts';
import { runByName } from '../known-checkpoint.ts';
import type { Board, BoardRun, BoardTask } from './board.ts';
import type { Body } from './body.ts';
import type { Series } from './estimates.ts';

/** A fitted probe, and what it learned from; as a card has it. */
type Learned = {
  readonly id: string;
  readonly card: { readonly checkpoints: readonly { readonly id: string }[] };
};

export type TimelineSources = {
  readonly forecasts: readonly ListedForecast[];
  /** What is said of a fitted probe that is not among them counts as prediction. */
  readonly probes: readonly Learned[];
  readonly query: RunQuery;
};

/** A run task by task; tasks that nothing is known of in this run are left out. */
export function timelineOf(
  board: Board,
  run: BoardRun,
  { forecasts, probes, query }: TimelineSources,
): Body<RunTimeline> {
  const { suite, task } = query;
  const wanted = board.tasks.filter(
    (one) => (suite ?? one.suite) === one.suite && (task ?? one.task) === one.task,
  );
  const ids = run.checkpoints.map(({ checkpoint }) => checkpoint);
  const own = forecasts.filter((one) => isOfRun(one, run.run, board));
  const tasks = wanted.map((one) => taskTimeline(one, { ids, forecasts: own, probes }));
  return {
    run: run.run,
    checkpoints: run.checkpoints,
    stages: stagesOf(run),
    tasks: tasks.filter(({ measured, probed }) => measured.length + probed.length > 0),
  };
}

function stagesOf({ checkpoints }: BoardRun): RunTimeline['stages'] {
  const stages: { stage: string; from: string }[] = [];
  for (const { stage, checkpoint } of checkpoints) {
    if (stage !== null && stages.at(-1)?.stage !== stage) stages.push({ stage, from: checkpoint });
  }
  return stages;
}

type RunSources = Pick<TimelineSources, 'forecasts' | 'probes'> & {
  readonly ids: readonly string[];
};

function taskTimeline(
  { suite, task, chance, items, filters, measured, series }: BoardTask,
  { ids, forecasts, probes }: RunSources,
): TaskTimeline {
  return {
    ...{ suite, task, chance, items, filters },
    measured: ids.flatMap((id) => measured.get(id) ?? []),
    probed: series.flatMap((one) => probedOf(one, ids, probes)),
    forecasts: forecasts.flatMap((one) => forecastOf(one, { suite, task })),
  };
}

function probedOf(
  { probe, probeId, estimates }: Series,
  ids: readonly string[],
  probes: readonly Learned[],
): ProbedSeries[] {
  const card = probes.find(({ id }) => id === probeId)?.card;
  const learned = new Set(card?.checkpoints.map((one) => one.id));
  const own = ids.flatMap((id) => estimates.get(id) ?? []);
  const last = own.at(-1);
  if (last === undefined) return [];
  const points = own.map(
    ({ checkpoint, predicted, low, high, labelled, status, reason, baselines }): ProbedPoint => ({
      ...{ checkpoint, fitted: learned.has(checkpoint), predicted, low, high, labelled },
      ...{ status, reason, baselines },
    }),
  );
  return [{ probe, probeId, level: last.level, method: last.method, points }];
}

/**
 * Whether a forecast speaks of a run: its target is a checkpoint of it, trained already or not. A compute alone names no
 * run; made from checkpoints of one run alone, it is what that run comes to.
 */
function isOfRun({ target, ladder }: ListedForecast, run: string, board: Board): boolean {
  if (target === null) return false;
  if (target.checkpoint !== null) return runOf(target.checkpoint, board) === run;
  return ladder.length > 0 && ladder.every((one) => runOf(one, board) === run);
}

function runOf(checkpoint: string, { checkpoints }: Board): string {
  return checkpoints.get(checkpoint)?.run ?? runByName(checkpoint) ?? checkpoint;
}

function forecastOf(
  { id, createdAt, suite, target, benchmarks, fromFlops }: ListedForecast,
  about: { readonly suite: string; readonly task: string },
): ForecastPoint[] {
  const found = benchmarks.find(({ task }) => task === about.task);
  if (suite !== about.suite || found === undefined || target === null || createdAt === null) {
    return [];
  }
  const { flops: targetFlops, checkpoint: targetCheckpoint } = target;
  const { accuracy, low, high, verdict, measured, errorPoints, covered } = found;
  return [
    {
      ...{ id, createdAt, targetFlops, targetCheckpoint, fromFlops },
      ...{ accuracy, low, high, verdict, measured, errorPoints, covered },
    },
  ];
}
