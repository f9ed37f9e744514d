import { type LabelledQuestions, questionSpread } from '../estimate/index.ts';
import { breakOf } from './break-of.ts';
import { calibrated, type ProbeCalibration, type ReplayedPairs } from './calibration.ts';
import { type Heads, predictFrame, trainingFrame } from './heads.ts';
import { blendLevel } from './level.ts';
import type { StateView } from './representation.ts';
import { ratesOf, type Validation } from './selection.ts';
import { createTimeline } from './timeline.ts';
import type { TrainingSet } from './training-set.ts';
import { trendRates } from './trend.ts';

/** How far off a task's accuracy was, predicted for labelled questions by a fit that did not see their answers. */
export type Residual = {
  readonly task: string;
  /** Distance on the timeline from the last checkpoint that was learned from; 0 for the same one. */
  readonly horizon: number;
  readonly predicted: number;
  readonly measured: number;
};

/** A residual with what a replay knows beside it. */
export type ReplayedResidual = Residual & {
  /** Distance on the timeline from the last checkpoint that was learned from to the latest labelled one. */
  readonly age: number;
  /** What was left to label; null where the questions were too few or too much alike to tell. */
  readonly labelling: LabellingSpread | null;
};

/** Variances a question as shares of p (1 − p) of the task's accuracy p. */
export type LabellingSpread = {
  /** Of what the predictions leave of the rates at their best share: 1 is a coin that nothing is known of. */
  readonly left: number;
  /** Of the measured rates about the true ones, with the answers a question that there were. */
  readonly noise: number;
};

/** Below this p (1 − p) (an accuracy of 2 or 98 %) the shares say nothing. */
const LEAST_SPREAD = 0.02;

type ReplayedFit = Parameters<typeof trainingFrame>[2] & {
  readonly heads: Heads;
  readonly views: readonly StateView[] | null;
  readonly horizon: number;
  readonly age: number;
};

/** What a replayed fit predicted of the labelled questions of a checkpoint, before calibration and trend. */
export type ReplayedPrediction = ReplayedPairs & {
  readonly horizon: number;
  readonly age: number;
  /** (questions) places among the items. */
  readonly rows: Int32Array;
  /** The trend as it was known at the cut; null where there was none. */
  readonly trend: Float64Array | null;
  /** Later than what was learned from, and not beyond a break: what calibration and trend are for. */
  readonly isAhead: boolean;
};

/** Predictions of `items` that are labelled at a checkpoint. */
export async function predictReplayed(
  { set, kernel }: Validation,
  at: ReplayedFit,
): Promise<ReplayedPrediction> {
  const items = at.items.filter((i) => set.n[at.checkpoint * set.items.length + i]! > 0);
  const frame = trainingFrame(set, at.views, { ...at, items });
  const ranked = await predictFrame(at.heads, frame, kernel);
  // Where labels are few a replayed fit may lack the head that an item would go to: nothing is predicted of it.
  const rows = items.filter((_, row) => !Number.isNaN(ranked[row]!));
  const { cut, checkpoint, horizon, age } = at;
  const known = set.checkpoints.slice(0, cut + 1);
  const isAhead = cut >= 0 && breakOf(known, set.checkpoints[checkpoint]!) === null;
  const to = { checkpoint: set.checkpoints[checkpoint]!, task: rows.map((i) => set.task[i]!) };
  const trend =
    isAhead && frame.history !== null ? trendRates(frame.history, createTimeline(known), to) : null;
  const predicted = ranked.filter((p) => !Number.isNaN(p));
  const rates = ratesOf(set, checkpoint, rows);
  return { cut, checkpoint, horizon, age, rows, predicted, rates, trend, isAhead };
}

/** Residuals of all tasks among replayed predictions, made what `predict` would have made of them. */
export function taskResiduals(
  set: TrainingSet,
  replayed: ReplayedPrediction,
  {
    share,
    calibration,
  }: {
    /** Of the trend. */
    readonly share: number;
    /** One that these predictions had no part in. */
    readonly calibration: ProbeCalibration | null;
  },
): ReplayedResidual[] {
  const { checkpoint, horizon, age, rows, rates, trend, isAhead } = replayed;
  const task = rows.map((i) => set.task[i]!);
  const ranked = calibrated(replayed.predicted, isAhead ? calibration : null);
  const predicted = blendLevel(ranked, trend, { task, share });
  return set.tasks.flatMap((name, t) => {
    const ofTask = (_: number, row: number) => task[row] === t;
    const measured = rates.filter(ofTask);
    if (measured.length === 0) return [];
    const own = predicted.filter(ofTask);
    const counts = countsOf(set, checkpoint, rows.filter(ofTask));
    return [
      {
        task: name,
        horizon,
        age,
        predicted: average(own),
        measured: average(measured),
        labelling: labellingOf({ ...counts, predicted: own }, average(measured)),
      },
    ];
  });
}

function labellingOf(questions: LabelledQuestions, accuracy: number): LabellingSpread | null {
  const spread = questionSpread(questions);
  const scale = accuracy * (1 - accuracy);
  if (spread === null || scale < LEAST_SPREAD) return null;
  return { left: Math.min(1, spread.residuals / scale), noise: spread.noise / scale };
}

function countsOf(
  set: TrainingSet,
  checkpoint: number,
  rows: Int32Array,
): Pick<LabelledQuestions, 'k' | 'n'> {
  const pick = (values: Float64Array) =>
    Float64Array.from(rows, (i) => values[checkpoint * set.items.length + i]!);
  return { k: pick(set.k), n: pick(set.n) };
}

function average(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
