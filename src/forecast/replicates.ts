import { randomStream } from '../stats/index.ts';
import type { FittedForecaster, Replicate } from './forecaster.ts';
import type { Ladder } from './ladder.ts';

/**
 * Bootstrap draws for one ladder: items with replacement, a sampling error and a shock per model. Keyed by the seed and
 * the benchmark, so that asking for fewer benchmarks changes no interval.
 */
export function drawReplicates(
  ladder: Ladder,
  { count, seed, shock }: { count: number; seed: number; shock: number },
): Replicate[] {
  const stream = randomStream('replicates', seed, ladder.suite, ladder.task);
  const items = ladder.items?.ids.length ?? 0;
  return Array.from({ length: count }, (_, index) => {
    const normal = (): Float64Array => ladder.accuracy.map(() => stream.normal());
    const sampling = normal();
    const shocks = normal().map((value) => shock * value);
    if (items === 0) return { index, itemWeights: null, sampling, shocks };
    const itemWeights = new Float64Array(items);
    for (let drawn = 0; drawn < items; drawn += 1) itemWeights[stream.integer(items)]! += 1;
    return { index, itemWeights, sampling, shocks };
  });
}

/** The same method on every draw; a method that cannot be drawn again stays as it is. */
export function replicateAll(
  fitted: FittedForecaster,
  draws: readonly Replicate[],
): readonly FittedForecaster[] {
  const { replicate } = fitted;
  return replicate === undefined ? [] : draws.map((draw) => replicate(draw));
}
