import {
  type Residual,
  residualInterval,
  type ResidualInterval,
  type ResidualOptions,
} from './conformal.ts';

/** The levels that are asked of residuals; beyond, an interval is nothing or everything. */
const LEAST_ALPHA = 0.001;

/**
 * One step of adaptive conformal inference (Gibbs and Candès 2021): α + γ (wanted − missed), where `missed` says that the
 * last truth was outside its interval. Misses widen the next intervals, hits narrow them.
 */
export function adaptAlpha(
  alpha: number,
  step: { readonly wanted: number; readonly gamma: number; readonly missed: boolean },
): number {
  return alpha + step.gamma * (step.wanted - Number(step.missed));
}

export type AdaptiveInterval = ResidualInterval & {
  /** The share of misses that was asked for in the end, in place of 1 − level. */
  readonly alpha: number;
  /** Past residuals that had an interval before them, and how many were outside it. */
  readonly judged: number;
  readonly missed: number;
};

/**
 * `residualInterval` at a level that has learned from how the past intervals did: every residual, in order of time, is
 * judged by the interval of those before it. In the long run the share of misses goes to 1 − level however the residuals
 * drift, if the widest interval (`alpha` is kept from 0.001 to 0.999) still covers; any single interval may be off.
 * Quadratic in the residuals: for hundreds of them.
 *
 * `gamma`: how fast; 0.05 is usual, 0 learns nothing.
 */
export function adaptiveInterval(
  residuals: readonly Residual[],
  options: Omit<ResidualOptions, 'weight'> & { readonly gamma?: number },
): AdaptiveInterval {
  const { gamma = 0.05, level, ...rest } = options;
  if (!(gamma >= 0 && gamma < 1)) {
    throw new RangeError(`adaptiveInterval: expected \`gamma\` from 0 and below 1, got ${gamma}`);
  }
  const wanted = 1 - level;
  const within = (value: number) => Math.min(1 - LEAST_ALPHA, Math.max(LEAST_ALPHA, value));
  let alpha = within(wanted);
  let judged = 0;
  let misses = 0;
  for (const [t, { horizon, predicted, measured }] of residuals.entries()) {
    const past = residuals.slice(0, t);
    const { halfWidth } = residualInterval(past, { ...rest, horizon, level: 1 - alpha });
    if (halfWidth === null) continue;
    const missed = Math.abs(measured - predicted) > halfWidth;
    judged += 1;
    misses += Number(missed);
    alpha = within(adaptAlpha(alpha, { wanted, gamma, missed }));
  }
  const found = residualInterval(residuals, { ...rest, level: 1 - alpha });
  return {
    ...found,
    method: `${found.method}; level ${(1 - alpha).toFixed(3)} after ${misses} misses in ${judged}`,
    alpha,
    judged,
    missed: misses,
  };
}
