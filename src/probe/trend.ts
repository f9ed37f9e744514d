import type { ProbeCheckpointFacts } from './activations.ts';
import type { History } from './history.ts';
import { positionOf, type Timeline } from './timeline.ts';

const POINTS = 3;

/** Whether there is a trend to extrapolate: three fitted checkpoints, the last three with tokens above 0. */
export function hasTrend({ unit, checkpoints }: Timeline): boolean {
  const last = checkpoints.slice(-POINTS);
  return unit === 'log-tokens' && last.length === POINTS && last.every((c) => (c.tokens ?? 0) > 0);
}

/**
 * Each item's task accuracy by a straight line in logit against log tokens through the last three fitted checkpoints
 * (least squares; rates drawn half a percent inside). Null below three, or where a checkpoint's tokens are unknown.
 */
export function trendRates(
  history: History,
  timeline: Timeline,
  scored: { readonly checkpoint: ProbeCheckpointFacts; readonly task: Int32Array },
): Float64Array | null {
  if (!hasTrend(timeline) || (scored.checkpoint.tokens ?? 0) <= 0) return null;
  const first = timeline.fitted.length - POINTS;
  const x = timeline.fitted.slice(first);
  const at = positionOf(timeline, scored.checkpoint);
  const byTask = Float64Array.from({ length: history.tasks }, (_, t) => {
    const y = [0, 1, 2].map((i) => insideLogit(history.taskRate[(first + i) * history.tasks + t]!));
    return 1 / (1 + Math.exp(-extrapolate(x, y, at)));
  });
  return Float64Array.from(scored.task, (t) => byTask[t] ?? NaN);
}

function extrapolate(x: readonly number[], y: readonly number[], at: number): number {
  const centre = x.reduce((sum, value) => sum + value, 0) / x.length;
  const level = y.reduce((sum, value) => sum + value, 0) / y.length;
  const square = x.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  if (square === 0) return level;
  const slope = x.reduce((sum, value, i) => sum + (value - centre) * (y[i]! - level), 0) / square;
  return level + slope * (at - centre);
}

function insideLogit(rate: number): number {
  const inside = Math.min(Math.max(rate, 0.005), 0.995);
  return Math.log(inside / (1 - inside));
}
