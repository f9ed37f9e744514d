import { studentQuantile } from '../../stats/index.ts';

/** What a prediction was off by, once the truth was known. */
export type Residual = {
  /** How far ahead the prediction was, from 0, in the caller's unit (checkpoints, log tokens). */
  readonly horizon: number;
  /** Accuracy. */
  readonly predicted: number;
  readonly measured: number;
  /** From 0: for example 0.5^(age/half-life). */
  readonly weight: number;
};

export type ResidualOptions = {
  /** Of the prediction that the interval is for. */
  readonly horizon: number;
  /** For example 0.9. */
  readonly level: number;
  /** The residual to come weighs so much. @default the largest weight of the residuals */
  readonly weight?: number;
  /** Residuals grow as horizon to this power; 0 leaves the horizon out. @default 0.5, as a random walk's do */
  readonly growth?: number;
};

export type ResidualInterval = {
  /** The interval is the prediction ± this, in accuracy; null without any residual. */
  readonly halfWidth: number | null;
  /** Residuals that count: of weight above 0. */
  readonly residuals: number;
  /** Whether there were enough for an interval that assumes nothing of their distribution. */
  readonly enough: boolean;
  /** How many more, as heavy as the one to come, that takes. */
  readonly missing: number;
  /** In words. */
  readonly method: string;
};

/**
 * Half width of an interval from past residuals without labels: weighted split-conformal (Barber and others 2023) on
 * |measured − predicted| / horizon^growth. It is the level-quantile of the weighted residuals and one at infinity for the
 * one to come: with equal weights the ⌈(m + 1) level⌉-th smallest of m. Horizons below the shortest one seen count as
 * that one. It covers as long as the next residual is like the past ones, which drift breaks: a description, no promise.
 *
 * With too few residuals (fewer than level/(1 − level) as heavy as the one to come: 9 for 90 %, 19 for 95 %) the quantile
 * is infinite. There it is Student's t times the root mean square residual, with as many degrees of freedom as the weights
 * are worth, (Σw)²/Σw²: this assumes that residuals are normal about 0.
 */
export function residualInterval(
  residuals: readonly Residual[],
  options: ResidualOptions,
): ResidualInterval {
  check(residuals, options);
  const { horizon, level, growth = 0.5 } = options;
  const used = residuals.filter((residual) => residual.weight > 0);
  const total = used.reduce((sum, { weight }) => sum + weight, 0);
  const coming = options.weight ?? used.reduce((most, { weight }) => Math.max(most, weight), 0);
  const missing =
    coming > 0
      ? Math.max(0, Math.ceil(level / (1 - level) - total / coming - 1e-9))
      : Math.ceil(level / (1 - level) - 1e-9);
  const facts = { residuals: used.length, enough: missing === 0, missing };
  if (used.length === 0) {
    return { halfWidth: null, ...facts, method: 'no residuals: no interval' };
  }
  const shortest = used.reduce((least, one) => Math.min(least, one.horizon), Infinity);
  const scale = (at: number) => (growth === 0 ? 1 : scaleAt(Math.max(at, shortest), growth));
  const scores = used.map(({ predicted, measured, horizon: at, weight }) => {
    return { value: Math.abs(measured - predicted) / scale(at), weight };
  });
  const quantile =
    missing === 0
      ? weightedQuantile(scores, level * (total + coming))
      : studentWidth(scores, level);
  const scaled = growth === 0 ? '' : `, grown with the horizon to the power ${growth}`;
  return {
    halfWidth: quantile * scale(horizon),
    ...facts,
    method:
      missing === 0
        ? `conformal: ${used.length} past residuals${scaled}`
        : `Student’s t from ${used.length} past residuals${scaled}: ${missing} more are needed for a conformal interval`,
  };
}

type Score = { readonly value: number; readonly weight: number };

function scaleAt(horizon: number, growth: number): number {
  // A prediction of the present has no horizon to divide by.
  return Math.max(horizon, 1e-6) ** growth;
}

/** The smallest value at which the weights of those up to it reach `wanted`. */
function weightedQuantile(scores: readonly Score[], wanted: number): number {
  const sorted = [...scores].sort((x, y) => x.value - y.value);
  let sum = 0;
  for (const { value, weight } of sorted) {
    sum += weight;
    if (sum >= wanted * (1 - 1e-12)) return value;
  }
  return sorted.at(-1)?.value ?? 0;
}

function studentWidth(scores: readonly Score[], level: number): number {
  let [squares, total, weights] = [0, 0, 0];
  for (const { value, weight } of scores) {
    squares += weight * value * value;
    total += weight;
    weights += weight * weight;
  }
  const degrees = (total * total) / weights;
  return studentQuantile((1 + level) / 2, degrees) * Math.sqrt(squares / total);
}

function check(residuals: readonly Residual[], options: ResidualOptions): void {
  const { horizon, level, growth = 0.5, weight = 1 } = options;
  if (!(level > 0 && level < 1 && horizon >= 0 && growth >= 0 && weight > 0)) {
    throw new RangeError(
      `residualInterval: expected \`level\` between 0 and 1, \`horizon\` and \`growth\` from 0 and \`weight\` above 0, got ${level}, ${horizon}, ${growth} and ${weight}`,
    );
  }
  for (const [i, one] of residuals.entries()) {
    const finite = Number.isFinite(one.predicted) && Number.isFinite(one.measured);
    if (finite && one.horizon >= 0 && one.weight >= 0 && one.weight < Infinity) continue;
    throw new RangeError(
      `residualInterval: expected finite numbers, horizons and weights from 0, got ${JSON.stringify(one)} at ${i}`,
    );
  }
}
