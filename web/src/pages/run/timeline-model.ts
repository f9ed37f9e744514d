/** What a timeline draws of a task, in points along an axis. */
import type {
  Checkpoint,
  ForecastPoint,
  Measured,
  ProbedPoint,
  RunTimeline,
  TaskTimeline,
} from '../../../../src/wire/index.ts';
import { type Axis, placeOfTarget } from './axis.ts';
import { smooth } from './smooth.ts';

export type MeasuredDot = {
  readonly x: number;
  readonly y: number;
  readonly low: number | null;
  readonly high: number | null;
  /** Of the line through the dots. */
  readonly line: number;
  readonly at: Checkpoint;
  readonly of: Measured;
};

export type ProbedDot = {
  readonly x: number;
  readonly y: number;
  readonly low: number;
  readonly high: number;
  /** Dots of one fitted probe are joined. */
  readonly probe: string;
  readonly probeId: string;
  readonly at: Checkpoint;
  readonly of: ProbedPoint;
};

export type BaselineDot = {
  readonly x: number;
  readonly y: number;
  readonly name: string;
  readonly probeId: string;
};

export type ForecastDot = {
  readonly x: number;
  readonly y: number;
  readonly low: number | null;
  readonly high: number | null;
  /** Where what it was made from ends. */
  readonly from: number | null;
  readonly of: ForecastPoint;
};

export type ReferenceDot = { readonly x: number; readonly y: number; readonly run: string };

export type TimelineModel = {
  readonly suite: string;
  readonly task: string;
  readonly measured: readonly MeasuredDot[];
  readonly probed: readonly ProbedDot[];
  readonly baselines: readonly BaselineDot[];
  readonly forecasts: readonly ForecastDot[];
  readonly references: readonly ReferenceDot[];
  readonly stages: readonly { readonly x: number; readonly stage: string }[];
  readonly chance: number | null;
};

export type TimelineChoice = {
  readonly axis: Axis;
  /** Places to both sides; 0 joins the points themselves. */
  readonly smoothing: number;
  /** Names of baselines. */
  readonly baselines: readonly string[];
  /** Other runs. */
  readonly references: readonly RunTimeline[];
};

export function timelineModel(
  run: RunTimeline,
  task: TaskTimeline,
  choice: TimelineChoice,
): TimelineModel {
  const places = placesOf(run.checkpoints, choice.axis);
  const probed = task.probed.flatMap(({ probe, probeId, points }) =>
    points.flatMap((of): ProbedDot[] => {
      const place = places.get(of.checkpoint);
      if (place === undefined) return [];
      const { predicted, low, high } = of;
      return [
        { ...place, y: 100 * predicted, low: 100 * low, high: 100 * high, probe, probeId, of },
      ];
    }),
  );
  return {
    suite: task.suite,
    task: task.task,
    measured: measuredDots(task.measured, places, choice.smoothing),
    probed,
    baselines: probed.flatMap((dot) => baselineDots(dot, choice.baselines)),
    forecasts: task.forecasts.flatMap((of) => forecastDot(of, choice.axis, run.checkpoints)),
    references: choice.references.flatMap((other) => referenceDots(other, task, choice.axis)),
    stages: run.stages.slice(1).flatMap(({ stage, from }) => {
      const place = places.get(from);
      return place === undefined ? [] : [{ x: place.x, stage }];
    }),
    // Where guessing gives nothing there is no line to see: it is the axis.
    chance: task.chance === null || task.chance === 0 ? null : 100 * task.chance,
  };
}

type Place = { readonly x: number; readonly at: Checkpoint };

function placesOf(checkpoints: readonly Checkpoint[], axis: Axis): Map<string, Place> {
  return new Map(
    checkpoints.flatMap((at) => {
      const x = axis.of(at);
      return x === null ? [] : [[at.checkpoint, { x, at }] as const];
    }),
  );
}

function measuredDots(
  measured: readonly Measured[],
  places: ReadonlyMap<string, Place>,
  smoothing: number,
): MeasuredDot[] {
  const placed = measured.flatMap((of) => {
    const place = places.get(of.checkpoint);
    return place === undefined ? [] : [{ ...place, of }];
  });
  const line = smooth(
    placed.map(({ of }) => 100 * of.accuracy),
    smoothing,
  );
  return placed.map(({ x, at, of }, index) => ({
    x,
    y: 100 * of.accuracy,
    low: of.low === null ? null : 100 * of.low,
    high: of.high === null ? null : 100 * of.high,
    line: line[index] ?? 100 * of.accuracy,
    at,
    of,
  }));
}

function baselineDots({ x, probeId, of }: ProbedDot, names: readonly string[]): BaselineDot[] {
  return names.flatMap((name) => {
    const value = of.baselines[name] ?? null;
    return value === null ? [] : [{ x, y: 100 * value, name, probeId }];
  });
}

function forecastDot(
  of: ForecastPoint,
  axis: Axis,
  checkpoints: readonly Checkpoint[],
): ForecastDot[] {
  const x = placeOfTarget(axis, of, checkpoints);
  if (x === null || of.accuracy === null) return [];
  return [
    {
      x,
      y: 100 * of.accuracy,
      low: of.low === null ? null : 100 * of.low,
      high: of.high === null ? null : 100 * of.high,
      from: originOf(of, axis, checkpoints),
      of,
    },
  ];
}

function originOf(
  { fromFlops }: ForecastPoint,
  axis: Axis,
  checkpoints: readonly Checkpoint[],
): number | null {
  if (fromFlops === null) return null;
  return placeOfTarget(axis, { targetFlops: fromFlops, targetCheckpoint: null }, checkpoints);
}

function referenceDots(
  other: RunTimeline,
  { suite, task }: TaskTimeline,
  axis: Axis,
): ReferenceDot[] {
  const same = other.tasks.find((one) => one.suite === suite && one.task === task);
  if (same === undefined) return [];
  const places = placesOf(other.checkpoints, axis);
  return same.measured.flatMap((of) => {
    const place = places.get(of.checkpoint);
    return place === undefined ? [] : [{ x: place.x, y: 100 * of.accuracy, run: other.run }];
  });
}
