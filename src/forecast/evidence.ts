import type { FittedLadder, FittedMethod } from './fitted-ladder.ts';
import { whyMissing } from './fitted-ladder.ts';
import { type Evidence, minLadder } from './gate.ts';
import type { Intervals } from './interval.ts';
import type { Ladder, Target } from './ladder.ts';
import { coreCod, spreadMethods } from './methods/index.ts';

/** What the gate judges of a method's forecast at a target. */
export function gatherEvidence(
  state: FittedLadder,
  { backTest }: Pick<FittedMethod, 'backTest'>,
  { target, intervals }: { readonly target: Target; readonly intervals: Intervals },
): Evidence {
  const { ladder, trend } = state;
  const spread = spreadOf(state, target);
  const errors = backTest();
  const typical = errors.reduce((sum, { error }) => sum + Math.abs(error), 0) / errors.length;
  const [low, high] = intervals['0.95'];
  return {
    models: ladder.models.length,
    extrapolation: extrapolationOf(ladder, target),
    spreadPoints: spread === null ? null : 100 * spread,
    backtestPoints: errors.length === 0 ? null : 100 * Math.abs(errors[0]!.error),
    backtestShare: errors.length === 0 ? null : typical / Math.max(trend.range, 0.01),
    risePoints: 100 * trend.range,
    aboveChancePoints: 100 * ((ladder.accuracy.at(-1) ?? 0) - ladder.chance),
    trend: trend.significance,
    predictableShare: predictableShare(state, target),
    widthPoints: 100 * (high - low),
  };
}

/** Share of the items that COD extrapolates or finds solved; null without items. */
function predictableShare(state: FittedLadder, target: Target): number | null {
  if (whyMissing(state.ladder, coreCod, target) !== null) return null;
  return state.method(coreCod).fitted.predictableShare?.(target) ?? null;
}

/** Highest less lowest forecast of methods that differ in kind; null for a ladder too short to compare. */
export function spreadOf(state: FittedLadder, target: Target): number | null {
  if (state.ladder.models.length < minLadder) return null;
  const values = spreadMethods.map((method) => state.method(method).fitted.predict(target));
  return Math.max(...values) - Math.min(...values);
}

export function extrapolationOf({ models }: Ladder, { flops }: Target): number {
  return flops / (models.at(-1)?.flops ?? flops);
}
