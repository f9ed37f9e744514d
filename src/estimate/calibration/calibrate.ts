import { atSteps, fitIsotonic } from './isotonic.ts';
import { inside, logOdds, sigmoid } from './log-odds.ts';
import { fitSmallLogistic } from './small-logistic.ts';

/** How predicted probabilities become calibrated ones: plain JSON. */
export type CalibrationMap =
  | { readonly method: 'platt'; readonly slope: number; readonly intercept: number }
  | { readonly method: 'beta'; readonly a: number; readonly b: number; readonly c: number }
  | { readonly method: 'isotonic'; readonly x: readonly number[]; readonly y: readonly number[] };

export type CalibrationMethod = CalibrationMap['method'];

/** Pull towards the predictions as they are, in questions: keeps the fit finite where labels are all alike. */
const RIDGE = 0.01;

/**
 * Fits a map from predicted probabilities (not of questions the probe was fitted on) to measured rates.
 *
 * - platt: σ(slope · logit p + intercept) (Platt 1999, on soft labels): the one for fewer than about 1000 questions.
 * - beta: σ(a ln p − b ln(1 − p) + c), a and b from 0 (Kull, Silva Filho and Flach 2017); a = b is platt.
 * - isotonic: any non-decreasing curve; for 1000 questions and more, and it makes ties, which cost ranking.
 *
 * `weights` counts the questions each stands for. Throws RangeError for no questions, unequal lengths and numbers out of
 * range.
 */
export function fitCalibration(
  method: CalibrationMethod,
  scores: Float64Array,
  rates: Float64Array,
  weights: Float64Array = new Float64Array(scores.length).fill(1),
): CalibrationMap {
  checkCalibration('fitCalibration', scores, rates);
  checkWeights(weights, scores.length);
  switch (method) {
    case 'platt': {
      const columns = [scores.map(logOdds), new Float64Array(scores.length).fill(1)];
      const found = fitSmallLogistic({ columns, rates, weights, start: [1, 0], ridge: RIDGE });
      const [slope, intercept] = found ?? [1, 0];
      return { method, slope: slope!, intercept: intercept! };
    }
    case 'beta':
      return { method, ...fitBeta(scores, rates, weights) };
    case 'isotonic':
      return { method, ...fitIsotonic(scores, rates, weights) };
  }
}

/** Calibrated probabilities of predicted ones. */
export function applyCalibration(map: CalibrationMap, scores: Float64Array): Float64Array {
  switch (map.method) {
    case 'platt':
      return scores.map((p) => sigmoid(map.slope * logOdds(p) + map.intercept));
    case 'beta':
      return scores.map((p) => {
        const q = inside(p);
        return sigmoid(map.a * Math.log(q) - map.b * Math.log1p(-q) + map.c);
      });
    case 'isotonic':
      return scores.map((p) => atSteps(map, p));
  }
}

/** A coefficient below 0 would make the map fall somewhere: it is set to 0 and the others are fitted again. */
function fitBeta(
  scores: Float64Array,
  rates: Float64Array,
  weights: Float64Array,
): { readonly a: number; readonly b: number; readonly c: number } {
  const columns = [
    scores.map((p) => Math.log(inside(p))),
    scores.map((p) => -Math.log1p(-inside(p))),
    new Float64Array(scores.length).fill(1),
  ];
  const fit = (kept: readonly number[]) => {
    const start = kept.map((j) => (j === 2 ? 0 : 1));
    const used = kept.map((j) => columns[j]!);
    const found = fitSmallLogistic({ columns: used, rates, weights, start, ridge: RIDGE }) ?? start;
    const all = [0, 0, 0];
    for (const [at, j] of kept.entries()) all[j] = found[at]!;
    return { a: all[0]!, b: all[1]!, c: all[2]! };
  };
  const free = fit([0, 1, 2]);
  if (free.a >= 0 && free.b >= 0) return free;
  const one = fit(free.a < free.b ? [1, 2] : [0, 2]);
  return one.a >= 0 && one.b >= 0 ? one : fit([2]);
}

/** Predictions and rates of the same questions, at least one, all from 0 to 1. */
export function checkCalibration(who: string, scores: Float64Array, rates: Float64Array): void {
  if (scores.length === 0 || scores.length !== rates.length) {
    throw new RangeError(
      `${who}: expected as many rates as scores and at least one, got ${rates.length} and ${scores.length}`,
    );
  }
  for (let i = 0; i < scores.length; i += 1) {
    const fine = scores[i]! >= 0 && scores[i]! <= 1 && rates[i]! >= 0 && rates[i]! <= 1;
    if (fine) continue;
    throw new RangeError(
      `${who}: expected scores and rates from 0 to 1, got ${scores[i]} and ${rates[i]} at ${i}`,
    );
  }
}

function checkWeights(weights: Float64Array, count: number): void {
  const wrong = weights.findIndex((weight) => !(weight >= 0 && weight < Infinity));
  if (weights.length === count && wrong < 0 && weights.some((weight) => weight > 0)) return;
  throw new RangeError(
    `fitCalibration: expected ${count} finite weights from 0, not all 0, got ${weights.length}${wrong < 0 ? '' : `, ${weights[wrong]} at ${wrong}`}`,
  );
}
