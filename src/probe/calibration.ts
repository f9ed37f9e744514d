/**
 * Predictions of later checkpoints, corrected by how the same recipe erred in the past: one map from probability to
 * probability, learned on what replays of earlier cuts predicted of the next labelled checkpoint, and shared by all tasks.
 */
import {
  applyCalibration,
  type CalibrationMap,
  type CalibrationMethod,
  fitCalibration,
  thinSteps,
} from '../estimate/index.ts';

export const CALIBRATIONS = ['none', 'platt', 'beta', 'isotonic'] as const;

export type CalibrationName = 'none' | CalibrationMethod;

/** Unless asked for: on the bundled series no map did better on unseen questions too (docs/probing.md). */
export const CALIBRATION: CalibrationName = 'none';

/** What a fit up to `cut` predicted of the questions of the next labelled checkpoint, whose answers it did not see. */
export type ReplayedPairs = {
  /** Places among the labelled checkpoints. */
  readonly cut: number;
  readonly checkpoint: number;
  /** (questions) probabilities, before level and trend. */
  readonly predicted: Float64Array;
  /** (questions) measured, 0 … 1. */
  readonly rates: Float64Array;
};

/** A map and what it was learned from: plain JSON. */
export type ProbeCalibration = {
  readonly map: CalibrationMap;
  /** Replayed cuts, and questions of all of them together. */
  readonly cuts: number;
  readonly questions: number;
};

/** Below this many questions a map would follow their noise. */
const FEWEST_QUESTIONS = 100;
/** Points of an isotonic curve on the card. */
const MOST_STEPS = 64;

/**
 * Learns the map. Every question counts once: how often it was answered changes what it tells by a factor of two at most,
 * for questions differ among themselves about as much as single answers do. Null for `none`, below 100 questions, and
 * where the map would turn the ranking round.
 */
export function learnCalibration(
  method: CalibrationName,
  pairs: readonly ReplayedPairs[],
): ProbeCalibration | null {
  const questions = pairs.reduce((sum, { rates }) => sum + rates.length, 0);
  if (method === 'none' || questions < FEWEST_QUESTIONS) return null;
  const all = (of: (pair: ReplayedPairs) => Float64Array) =>
    Float64Array.from(pairs.flatMap((pair) => [...of(pair)]));
  const found = fitCalibration(
    method,
    all((pair) => pair.predicted),
    all((pair) => pair.rates),
  );
  if (found.method === 'platt' && found.slope <= 0) return null;
  const map = found.method === 'isotonic' ? { ...found, ...thinSteps(found, MOST_STEPS) } : found;
  return { map, cuts: pairs.length, questions };
}

/**
 * The map for predictions by `cut` of `checkpoint`, learned without the pairs of that cut and of that checkpoint: neither
 * these predictions nor what became of them has taken part in it. Null where no other pairs are left.
 */
export function calibrationWithout(
  method: CalibrationName,
  pairs: readonly ReplayedPairs[],
  { cut, checkpoint }: { readonly cut: number; readonly checkpoint: number },
): ProbeCalibration | null {
  return learnCalibration(
    method,
    pairs.filter((pair) => pair.cut !== cut && pair.checkpoint !== checkpoint),
  );
}

/** Probabilities through the map; as they are where there is none. */
export function calibrated(p: Float64Array, calibration: ProbeCalibration | null): Float64Array {
  return calibration === null ? p : applyCalibration(calibration.map, p);
}
