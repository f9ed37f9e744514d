import { type BackTestPoint, backTest } from './back-test.ts';
import type { FittedForecaster, Forecaster } from './forecaster.ts';
import type { Ladder, Target } from './ladder.ts';
import { drawReplicates, replicateAll } from './replicates.ts';
import { describeTrend, type Trend } from './trend.ts';

/** A method on a ladder; what costs more than the fit is done when it is first asked for. */
export type FittedMethod = {
  readonly fitted: FittedForecaster;
  readonly replicates: () => readonly FittedForecaster[];
  readonly backTest: () => readonly BackTestPoint[];
};

/** A ladder with the methods that were fitted on it, each once. */
export type FittedLadder = {
  readonly ladder: Ladder;
  readonly trend: Trend;
  method(forecaster: Forecaster): FittedMethod;
};

export function fitLadder(
  ladder: Ladder,
  { replicates, seed }: { replicates: number; seed: number },
): FittedLadder {
  const trend = describeTrend(ladder);
  const draws = lazy(() => drawReplicates(ladder, { count: replicates, seed, shock: trend.shock }));
  const known = new Map<string, FittedMethod>();
  const fit = (forecaster: Forecaster): FittedMethod => {
    const fitted = forecaster.fit(ladder, { seed });
    return {
      fitted,
      replicates: lazy(() => replicateAll(fitted, draws())),
      backTest: lazy(() => backTest(forecaster, ladder, { seed })),
    };
  };
  return {
    ladder,
    trend,
    method(forecaster) {
      const method = known.get(forecaster.name) ?? fit(forecaster);
      known.set(forecaster.name, method);
      return method;
    },
  };
}

function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => (made ??= { value: make() }).value;
}

/** Why a method cannot be fitted on this ladder, or asked for this target; null where it can. */
export function whyMissing(ladder: Ladder, forecaster: Forecaster, target: Target): string | null {
  const { minModels } = forecaster;
  const { length } = ladder.models;
  if (length < minModels) return `needs ${minModels} ladder models, found ${length}`;
  return forecaster.missing?.(ladder, target) ?? null;
}
