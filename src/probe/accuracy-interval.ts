import { type Interval, studentQuantile } from '../stats/index.ts';
import type { Residual } from './residuals.ts';

/**
 * Error of a task's predicted accuracy as it was seen on the labelled checkpoints. Errors are taken in units of
 * sqrt(p (1 − p)), their mean size grows as near + perUnit · horizon, and the interval reaches the quantile of what
 * remains. Guesses made beforehand count as a few residuals, so that one or two labelled checkpoints give wide
 * intervals and many give their own.
 */
export type ErrorModel = {
  readonly level: number;
  /** Mean size of the scaled error at horizon 0. */
  readonly near: number;
  /** What it grows by per unit of the timeline (a factor e of tokens). */
  readonly perUnit: number;
  /** Multiples of that size that the interval reaches. */
  readonly reach: number;
  readonly residuals: number;
  readonly method: string;
};

/** Mean size of the scaled error before any residual is seen: 0.2 at once, 0.3 more per factor e. */
const PRIOR = { near: 0.2, perUnit: 0.3, weight: 6 };

/** Residuals that make their own quantile; with fewer, Student's t stands in for it. */
const OWN_QUANTILE = 40;

export function fitErrorModel(residuals: readonly Residual[], level = 0.9): ErrorModel {
  const scaled = residuals.map((r) => ({
    horizon: r.horizon,
    error: Math.abs(r.measured - r.predicted) / spread(r.predicted),
  }));
  const { near, perUnit } = growth(scaled);
  const sizes = scaled.map(({ horizon, error }) => error / (near + perUnit * horizon));
  const later = residuals.filter((r) => r.horizon > 0).length;
  return {
    level,
    near,
    perUnit,
    reach: reachOf(sizes, level),
    residuals: residuals.length,
    method:
      `residuals of ${residuals.length - later} out-of-fold and ${later} earlier-to-later predictions on the labelled ` +
      'checkpoints, pooled over tasks, growing with the distance in training; representation and strengths were ' +
      'chosen with the latest of them in view; assumes that the next checkpoint errs like these did',
  };
}

/** The interval round a predicted accuracy at a horizon (0 or more), inside [0, 1]. */
export function accuracyInterval(model: ErrorModel, predicted: number, horizon: number): Interval {
  const size = model.near + model.perUnit * Math.max(0, horizon);
  const half = model.reach * size * spread(predicted);
  return { low: Math.max(0, predicted - half), high: Math.min(1, predicted + half) };
}

/** Least squares of the errors' sizes on (1, horizon) with both coefficients at least 0; priors at horizons 0 and 1. */
function growth(scaled: readonly { horizon: number; error: number }[]): {
  near: number;
  perUnit: number;
} {
  const points = [
    ...scaled.map(({ horizon, error }) => ({ x: horizon, y: error, w: 1 })),
    { x: 0, y: PRIOR.near, w: PRIOR.weight / 2 },
    { x: 1, y: PRIOR.near + PRIOR.perUnit, w: PRIOR.weight / 2 },
  ];
  const sum = (f: (p: { x: number; y: number; w: number }) => number) =>
    points.reduce((total, p) => total + p.w * f(p), 0);
  const [w, x, y, xx, xy] = [
    sum(() => 1),
    sum((p) => p.x),
    sum((p) => p.y),
    sum((p) => p.x * p.x),
    sum((p) => p.x * p.y),
  ];
  const slope = (w * xy - x * y) / (w * xx - x * x);
  const start = (y - slope * x) / w;
  if (slope < 0) return { near: y / w, perUnit: 0 };
  if (start < MINIMUM) return { near: MINIMUM, perUnit: Math.max(0, (xy - MINIMUM * x) / xx) };
  return { near: start, perUnit: slope };
}

/** Smallest mean size of the scaled error: one point at an accuracy of one half. */
const MINIMUM = 0.02;

function reachOf(sizes: readonly number[], level: number): number {
  const degrees = Math.max(1, sizes.length - 1);
  // The mean size of a normal error is sqrt(2 / π) of its standard deviation.
  const student = studentQuantile((1 + level) / 2, degrees) * Math.sqrt(Math.PI / 2);
  if (sizes.length < OWN_QUANTILE) return student;
  const sorted = [...sizes].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((sorted.length + 1) * level) - 1)]!;
}

/** sqrt(p (1 − p)), kept above what it is at 10 %: accuracies near 0 and 1 do move. */
function spread(p: number): number {
  const inside = Math.min(Math.max(p, 0.1), 0.9);
  return Math.sqrt(inside * (1 - inside));
}
