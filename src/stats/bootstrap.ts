import { type Interval, quantile } from './intervals.ts';
import { randomStream } from './rng.ts';

export type BootstrapResult = Interval & {
  /** The statistic on the data as they are. */
  readonly estimate: number;
  /** Standard deviation of the statistic over the resamples. */
  readonly standardError: number;
  /** Resamples in which the statistic could be computed. */
  readonly resamples: number;
};

export type BootstrapOptions = {
  /** @default 1000 */
  readonly resamples?: number;
  /** @default 0.95 */
  readonly level?: number;
  readonly seed: number | string;
  /** Clusters are drawn within each stratum, so every resample keeps the strata's sizes. @default one stratum */
  readonly strata?: ArrayLike<number>;
};

/**
 * Percentile bootstrap over clusters. `clusters[i]` is the cluster of unit i (questions of one group share one); whole
 * clusters are drawn with replacement, and `statistic` gets how often each unit was drawn. For a paired comparison let
 * the statistic be a difference: both sides then see the same draw. Null where the statistic is null on the data.
 */
export function clusterBootstrap(
  clusters: ArrayLike<number>,
  statistic: (weights: Float64Array) => number | null,
  options: BootstrapOptions,
): BootstrapResult | null {
  const estimate = statistic(new Float64Array(clusters.length).fill(1));
  if (estimate === null) return null;
  const { resamples = 1000, level = 0.95, seed } = options;
  const strata = membersByStratum(clusters, options.strata);
  const stream = randomStream('bootstrap', seed);
  const draws: number[] = [];
  const weights = new Float64Array(clusters.length);
  for (let round = 0; round < resamples; round += 1) {
    weights.fill(0);
    for (const groups of strata) {
      for (let i = 0; i < groups.length; i += 1) {
        for (const unit of groups[stream.integer(groups.length)]!) weights[unit]! += 1;
      }
    }
    const value = statistic(weights);
    if (value !== null) draws.push(value);
  }
  const centre = draws.reduce((sum, value) => sum + value, 0) / Math.max(1, draws.length);
  const spread = draws.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return {
    estimate,
    low: quantile(draws, (1 - level) / 2) ?? estimate,
    high: quantile(draws, (1 + level) / 2) ?? estimate,
    standardError: Math.sqrt(spread / Math.max(1, draws.length - 1)),
    resamples: draws.length,
  };
}

function membersByStratum(
  clusters: ArrayLike<number>,
  strata: ArrayLike<number> | undefined,
): number[][][] {
  const byStratum = new Map<number, Map<number, number[]>>();
  for (let unit = 0; unit < clusters.length; unit += 1) {
    const stratum = strata?.[unit] ?? 0;
    const groups = byStratum.get(stratum) ?? new Map<number, number[]>();
    byStratum.set(stratum, groups);
    const members = groups.get(clusters[unit]!);
    if (members === undefined) groups.set(clusters[unit]!, [unit]);
    else members.push(unit);
  }
  return [...byStratum.values()].map((groups) => [...groups.values()]);
}
