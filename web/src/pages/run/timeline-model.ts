/** What a timeline draws of a task, in points along an axis. */
import type {
  Checkpoint,
  ForecastPoint,
  Measured,
  ProbedPoint,
  ProbedSeries,
  RunTimeline,
  TaskTimeline,
} from '../../../../src/wire/index.ts';
import type { Axis } from './axis.ts';
import { type Place, type Places, placesOf } from './places.ts';
import { smooth } from './smooth.ts';
import { createTargetPlaces, type TargetPlaces } from './target-places.ts';

/** Dots of one stage are joined. */
type Dot = Pick<Place, 'x' | 'stage'> & { readonly y: number };

export type MeasuredDot = Dot & {
  readonly low: number | null;
  readonly high: number | null;
  /** Of the line through the dots. */
  readonly line: number;
  readonly at: Checkpoint;
  readonly of: Measured;
};

export type ProbedDot = Dot & {
  readonly low: number;
  readonly high: number;
  /** Dots of one fitted probe are joined. */
  readonly probe: string;
  readonly probeId: string;
  readonly at: Checkpoint;
  readonly of: ProbedPoint;
};

export type BaselineDot = Dot & {
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

export type ReferenceDot = Dot & { readonly run: string };

export type TimelineModel = {
  readonly suite: string;
  readonly task: string;
  readonly measured: readonly MeasuredDot[];
  /** What probes predicted. */
  readonly probed: readonly ProbedDot[];
  /** What probes say of the checkpoints that they learned from. */
  readonly fitted: readonly ProbedDot[];
  /** Beside what was predicted: where a probe learned, they know what comes. */
  readonly baselines: readonly BaselineDot[];
  readonly forecasts: readonly ForecastDot[];
  readonly references: readonly ReferenceDot[];
  readonly stages: Places['stages'];
  /** Whether stages of this run or of another were laid one after another. */
  readonly laid: boolean;
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
  const { axis, references } = choice;
  const places = placesOf(run, axis);
  const targets = createTargetPlaces(run, axis, places);
  const others = references.map((other) => ({ other, places: placesOf(other, axis) }));
  const said = task.probed.flatMap((series) => probedDots(series, places));
  const probed = said.filter(({ of }) => !of.fitted);
  return {
    suite: task.suite,
    task: task.task,
    measured: measuredDots(task.measured, places, choice.smoothing),
    probed,
    fitted: said.filter(({ of }) => of.fitted),
    baselines: probed.flatMap((dot) => baselineDots(dot, choice.baselines)),
    forecasts: task.forecasts.flatMap((of) => forecastDot(of, targets)),
    references: others.flatMap((one) => referenceDots(one.other, task, one.places)),
    stages: places.stages,
    laid: [places, ...others.map((one) => one.places)].some(({ laid }) => laid),
    // Where guessing gives nothing there is no line to see: it is the axis.
    chance: task.chance === null || task.chance === 0 ? null : 100 * task.chance,
  };
}

function probedDots({ probe, probeId, points }: ProbedSeries, places: Places): ProbedDot[] {
  return points.flatMap((of) => {
    const place = places.byCheckpoint.get(of.checkpoint);
    if (place === undefined) return [];
    const { predicted, low, high } = of;
    return [{ ...place, y: 100 * predicted, low: 100 * low, high: 100 * high, probe, probeId, of }];
  });
}

function measuredDots(
  measured: readonly Measured[],
  { byCheckpoint }: Places,
  smoothing: number,
): MeasuredDot[] {
  const placed = measured.flatMap((of) => {
    const place = byCheckpoint.get(of.checkpoint);
    return place === undefined ? [] : [{ ...place, of, y: 100 * of.accuracy }];
  });
  const stages = [...new Set(placed.map(({ stage }) => stage))];
  return stages.flatMap((stage) => {
    const own = placed.filter((dot) => dot.stage === stage);
    const line = smooth(
      own.map(({ y }) => y),
      smoothing,
    );
    return own.map((dot, index) => ({
      ...dot,
      low: dot.of.low === null ? null : 100 * dot.of.low,
      high: dot.of.high === null ? null : 100 * dot.of.high,
      line: line[index] ?? dot.y,
    }));
  });
}

function baselineDots(
  { x, stage, probeId, of }: ProbedDot,
  names: readonly string[],
): BaselineDot[] {
  return names.flatMap((name) => {
    const value = of.baselines[name] ?? null;
    return value === null ? [] : [{ x, stage, y: 100 * value, name, probeId }];
  });
}

function forecastDot(of: ForecastPoint, targets: TargetPlaces): ForecastDot[] {
  const x = targets.ofTarget(of);
  if (x === null || of.accuracy === null) return [];
  return [
    {
      x,
      y: 100 * of.accuracy,
      low: of.low === null ? null : 100 * of.low,
      high: of.high === null ? null : 100 * of.high,
      from: of.fromFlops === null ? null : targets.ofCompute(of.fromFlops),
      of,
    },
  ];
}

function referenceDots(
  other: RunTimeline,
  { suite, task }: TaskTimeline,
  { byCheckpoint }: Places,
): ReferenceDot[] {
  const same = other.tasks.find((one) => one.suite === suite && one.task === task);
  return (same?.measured ?? []).flatMap((of) => {
    const place = byCheckpoint.get(of.checkpoint);
    if (place === undefined) return [];
    return [{ x: place.x, stage: place.stage, y: 100 * of.accuracy, run: other.run }];
  });
}
