import type {
  ForecastPoint,
  ProbedPoint,
  ProbedSeries,
  RunQuery,
  RunTimeline,
  TaskTimeline,
} from '../../wire/index.ts';
import type { ListedForecast } from '../forecast/index.ts';
import type { Board, BoardRun, BoardTask } from './board.ts';
import type { Body } from './body.ts';
import type { Series } from './estimates.ts';

/** A run task by task; tasks that nothing is known of in this run are left out. */
export function timelineOf(
  board: Board,
  run: BoardRun,
  { forecasts, query }: { readonly forecasts: readonly ListedForecast[]; readonly query: RunQuery },
): Body<RunTimeline> {
  const { suite, task } = query;
  const wanted = board.tasks.filter(
    (one) => (suite ?? one.suite) === one.suite && (task ?? one.task) === one.task,
  );
  const ids = run.checkpoints.map(({ checkpoint }) => checkpoint);
  const tasks = wanted.map((one) => taskTimeline(one, ids, forecasts));
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

function taskTimeline(
  { suite, task, chance, items, filters, measured, series }: BoardTask,
  ids: readonly string[],
  forecasts: readonly ListedForecast[],
): TaskTimeline {
  return {
    ...{ suite, task, chance, items, filters },
    measured: ids.flatMap((id) => measured.get(id) ?? []),
    probed: series.flatMap((one) => probedOf(one, ids)),
    forecasts: forecasts.flatMap((one) => forecastOf(one, { suite, task, ids })),
  };
}

function probedOf({ probe, probeId, estimates }: Series, ids: readonly string[]): ProbedSeries[] {
  const own = ids.flatMap((id) => estimates.get(id) ?? []);
  const last = own.at(-1);
  if (last === undefined) return [];
  const points = own.map(
    ({ checkpoint, predicted, low, high, labelled, status, reason, baselines }): ProbedPoint => ({
      ...{ checkpoint, predicted, low, high, labelled, status, reason, baselines },
    }),
  );
  return [{ probe, probeId, level: last.level, method: last.method, points }];
}

type About = { readonly suite: string; readonly task: string; readonly ids: readonly string[] };

/** About this run: its target is a checkpoint of it or none that is named, or its ladder holds one. */
function forecastOf(
  { id, createdAt, suite, target, ladder, benchmarks, fromFlops }: ListedForecast,
  about: About,
): ForecastPoint[] {
  const found = benchmarks.find(({ task }) => task === about.task);
  if (suite !== about.suite || found === undefined || target === null || createdAt === null) {
    return [];
  }
  const { flops: targetFlops, checkpoint: targetCheckpoint } = target;
  const isOwn = targetCheckpoint === null || about.ids.includes(targetCheckpoint);
  if (!isOwn && !ladder.some((one) => about.ids.includes(one))) return [];
  const { accuracy, low, high, verdict, measured, errorPoints, covered } = found;
  return [
    {
      ...{ id, createdAt, targetFlops, targetCheckpoint, fromFlops },
      ...{ accuracy, low, high, verdict, measured, errorPoints, covered },
    },
  ];
}
