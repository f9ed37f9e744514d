/** Frozen forecasts against the truth, where it has come. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { UserError } from '../../error/index.ts';
import { canonicalJson, type Store } from '../../store/index.ts';
import { loadSuite } from '../../suite/index.ts';
import type { KnownFacts } from '../known-checkpoint.ts';
import type { JobContext } from '../progress.ts';
import type { FrozenForecast, FrozenInterval, FrozenMethod } from './freeze.ts';
import { computeOf, describeFlops } from './ladder-models.ts';
import { measure } from './measure.ts';
import { chosenName } from './method-names.ts';
import { readOutcomes } from './read-outcomes.ts';
import { isSameCompute } from './target.ts';

export type BenchmarkScore = {
  task: string;
  measured: number;
  /** Of the items that the truth was measured on; 0 where it is a result of whole tasks. */
  items: number;
  /** Items of the benchmark that it should have been measured on. */
  expected: number;
  /** Forecast less measured, in points; null where nothing was forecast. */
  errorPoints: number | null;
  /** Whether the 95 % interval holds the truth, and the 80 % one. */
  covered: boolean | null;
  covered80: boolean | null;
};

/** The truth of each benchmark of a frozen forecast that is measured by now; empty where none is. */
export async function scoreFrozen(
  store: Store,
  frozen: FrozenForecast,
  context: JobContext,
): Promise<BenchmarkScore[]> {
  const { checkpoint } = frozen.target;
  if (checkpoint === null) return [];
  const { suite: name, suiteHash, render, request } = frozen;
  const dir = suiteHash === null ? null : await store.suites.find(suiteHash);
  const questions = dir === null ? null : await loadSuite(dir);
  const silent = { ...context, note: () => undefined };
  const others = [checkpoint];
  const wanted = { suite: { name, questions }, ladder: [], others, render };
  const table = await readOutcomes(store, wanted, request, silent);
  return frozen.benchmarks.flatMap(({ task, methods }): BenchmarkScore[] => {
    const parts = frozen.inputs.find((input) => input.task === task)?.parts ?? [];
    const truth = measure(table, parts, checkpoint);
    const chosen = methods.find(({ method }) => method === chosenName);
    if ('reason' in truth || chosen === undefined) return [];
    const { accuracy: measured, items, expected } = truth;
    return [{ task, measured, items, expected, ...compare(chosen, measured) }];
  });
}

function compare(
  { accuracy, intervals }: FrozenMethod,
  truth: number,
): Pick<BenchmarkScore, 'errorPoints' | 'covered' | 'covered80'> {
  const holds = ([low, high]: FrozenInterval): boolean | null =>
    low === null ? null : low <= truth && truth <= high;
  return {
    errorPoints: accuracy === null ? null : 100 * (accuracy - truth),
    covered: intervals === null ? null : holds(intervals['0.95']),
    covered80: intervals === null ? null : holds(intervals['0.8']),
  };
}

const writtenSchema = z.object({ truthSha256: z.string() });

/**
 * Why a target is not the one that was forecast: its compute is known by now to be another one; null where it is not.
 * Facts that contradict each other are no reason: they are refused where they are used.
 */
export async function describeOtherCompute(
  { target: { checkpoint, flops } }: FrozenForecast,
  factsOf: (id: string) => Promise<KnownFacts>,
): Promise<string | null> {
  if (checkpoint === null) return null;
  const own = await factsOf(checkpoint).then(computeOf, ignoreUserError);
  if (own === null || own <= 0 || isSameCompute(own, flops)) return null;
  return `\`${checkpoint}\` has ${describeFlops(own)}, the forecast is for ${describeFlops(flops)}: it is not scored`;
}

function ignoreUserError(error: unknown): null {
  if (error instanceof UserError) return null;
  throw error;
}

/** Keeps the scores beside the forecast; written again only where the truth changed, or the file is broken. */
export async function keepScores(
  store: Store,
  id: string,
  scores: readonly BenchmarkScore[],
): Promise<void> {
  if (scores.length === 0) return;
  const truth = scores.map(({ task, measured, items, expected }) => ({
    ...{ task, measured, items, expected },
  }));
  const truthSha256 = createHash('sha256').update(canonicalJson(truth), 'utf8').digest('hex');
  const before = writtenSchema.safeParse(
    await store.forecastScores.read(id).catch(ignoreUserError),
  );
  if (before.success && before.data.truthSha256 === truthSha256) return;
  const scoredAt = new Date().toISOString();
  const document = { schemaVersion: 1, scoredAt, truthSha256, benchmarks: scores };
  await store.forecastScores.write(id, document);
}
