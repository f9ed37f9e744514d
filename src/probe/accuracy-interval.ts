import { residualInterval } from '../estimate/index.ts';
import type { Interval } from '../stats/index.ts';
import { recencyWeight } from './recency.ts';
import type { ReplayedResidual } from './residuals.ts';

/**
 * Error of a task's predicted accuracy as it was in replays of the past. Errors are taken as differences of angles,
 * asin √accuracy, in which the same error means less near 0 and 1; those of later checkpoints are divided by how far ahead
 * these were. The interval reaches a weighted conformal quantile on either side (`residualInterval`).
 */
export type ErrorModel = {
  readonly level: number;
  /** How far the truth may lie below and above at a fitted checkpoint, in angle (0…π/2). */
  readonly near: Reach;
  /** The same per unit of the timeline (a factor e of tokens) at a later one. */
  readonly perUnit: Reach;
  /** Shortest distance that was replayed: nearer ones count as this; 0 where none was. */
  readonly shortest: number;
  readonly residuals: number;
  readonly method: string;
};

type Reach = { readonly below: number; readonly above: number };

/**
 * Angles off before any residual is seen (standard deviations): at once, and per unit of the timeline. They stand beside
 * the residuals where these are too few for quantiles of their own, four of them, so that one or two labelled checkpoints
 * give wide intervals.
 */
const GUESS = { near: 0.1, perUnit: 0.35, times: 4 };

/** Cuts that must have been replayed for an interval that leans to the side of the past errors. */
const FEWEST_CUTS = 3;

/** Smallest reach, in angle: one point at an accuracy of one half. */
const MINIMUM = 0.01;

export function fitErrorModel(residuals: readonly ReplayedResidual[], level = 0.9): ErrorModel {
  const later = residuals.filter((one) => one.horizon > 0);
  const near = residuals.filter((one) => one.horizon === 0);
  const cuts = new Set(later.map(({ age }) => age)).size;
  const sides = cuts >= FEWEST_CUTS ? leaningReach(later, { level, growth: 1 }) : null;
  const shortest = later.reduce((least, { horizon }) => Math.min(least, horizon), Infinity);
  return {
    level,
    near: evenReach(near, { level, growth: 0, guess: GUESS.near, trusted: true }),
    perUnit: sides ?? evenReach(later, { level, growth: 1, guess: GUESS.perUnit, trusted: false }),
    shortest: later.length === 0 ? 0 : shortest,
    residuals: residuals.length,
    method: describe({ near: near.length, later: later.length, cuts, leans: sides !== null }),
  };
}

/**
 * The interval round a predicted accuracy, inside [0, 1].
 *
 * @param at.horizon distance from the nearest fitted checkpoint on the timeline, 0 for a fitted one
 * @param at.widening factor of the reach, 1 or more: what is known to have drifted errs more than the past did
 * @param at.isBroken beyond a change of stage or rendering: to which side the past erred says nothing there, both reach as
 *   far as the farther one
 */
export function accuracyInterval(
  model: ErrorModel,
  predicted: number,
  at: { readonly horizon: number; readonly widening: number; readonly isBroken: boolean },
): Interval {
  const { near, perUnit } = model;
  const away = at.horizon > 0 ? Math.max(at.horizon, model.shortest) : 0;
  const past = (side: keyof Reach) => Math.max(MINIMUM, near[side], perUnit[side] * away);
  const even = at.isBroken ? Math.max(past('below'), past('above')) : 0;
  const reach = (side: keyof Reach) => Math.max(even, at.widening * past(side));
  const angle = angleOf(predicted);
  const low = Math.sin(Math.max(0, angle - reach('below'))) ** 2;
  const high = Math.sin(Math.min(Math.PI / 2, angle + reach('above'))) ** 2;
  return { low: Math.min(low, predicted), high: Math.max(high, predicted) };
}

type ReachOptions = { readonly level: number; readonly growth: number };

/** Either side by its own errors, at half the misses each; null where they are too few. */
function leaningReach(
  residuals: readonly ReplayedResidual[],
  { level, growth }: ReachOptions,
): Reach | null {
  const side = (sign: number) =>
    residualInterval(
      residuals.map((one) => ({ ...scored(one), measured: Math.max(0, sign * errorOf(one)) })),
      { horizon: 1, level: (1 + level) / 2, growth },
    );
  const [below, above] = [side(-1), side(1)];
  if (!below.enough || !above.enough) return null;
  return { below: below.halfWidth ?? 0, above: above.halfWidth ?? 0 };
}

/** Both sides by the size of the errors, and the guesses beside them unless the errors are `trusted` and enough. */
function evenReach(
  residuals: readonly ReplayedResidual[],
  { level, growth, guess, trusted }: ReachOptions & { guess: number; trusted: boolean },
): Reach {
  const own = residuals.map((one) => {
    return { ...scored(one), measured: Math.abs(errorOf(one)) };
  });
  const guesses = Array.from({ length: GUESS.times }, () => {
    return { horizon: 1, predicted: 0, measured: guess, weight: 1 };
  });
  const asked = { horizon: 1, level, growth };
  const alone = residualInterval(own, asked);
  const { halfWidth } =
    trusted && alone.enough ? alone : residualInterval([...own, ...guesses], asked);
  return { below: halfWidth ?? 0, above: halfWidth ?? 0 };
}

function scored({ horizon, age }: ReplayedResidual): {
  horizon: number;
  predicted: number;
  weight: number;
} {
  return { horizon, predicted: 0, weight: recencyWeight(age) };
}

function errorOf({ measured, predicted }: ReplayedResidual): number {
  return angleOf(measured) - angleOf(predicted);
}

function angleOf(accuracy: number): number {
  return Math.asin(Math.sqrt(Math.min(1, Math.max(0, accuracy))));
}

function describe(of: {
  readonly near: number;
  readonly later: number;
  readonly cuts: number;
  readonly leans: boolean;
}): string {
  const how = of.leans
    ? 'weighted conformal, each side by its own errors'
    : 'the size of the errors beside four guesses, for they are few';
  return (
    `${of.later} errors of earlier-to-later predictions replayed from ${of.cuts} labelled checkpoints and ${of.near} of ` +
    'questions left out, pooled over tasks, in asin √accuracy, per unit of log distance, the latest weighing most; ' +
    `${how}; wider by as much as a drift signal is beyond its limit, and to both sides beyond a break; assumes that the next checkpoint errs like these did`
  );
}
