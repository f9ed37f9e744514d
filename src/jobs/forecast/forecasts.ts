import { UserError } from '../../error/index.ts';
import { mean } from '../../stats/index.ts';
import type { FrozenDocument, Store } from '../../store/index.ts';
import { compareText } from '../compare-text.ts';
import { type KnownFacts, readKnownFacts } from '../known-checkpoint.ts';
import { type JobContext, startProgress } from '../progress.ts';
import { shareOf } from './averages.ts';
import { type FrozenForecast, parseFrozen } from './freeze.ts';
import { chosenName } from './method-names.ts';
import { resolveForecastSuite } from './read-outcomes.ts';
import {
  type BenchmarkScore,
  describeOtherCompute,
  keepScores,
  scoreFrozen,
} from './score-frozen.ts';
import type { ForecastedTask } from '../../wire/index.ts';

export type ForecastsRequest = {
  /** A suite's folder or name; null: all. */
  readonly suite: string | null;
  readonly tasks: readonly string[] | null;
  /** Whether scores are written beside the forecasts; else the store is only read. @default true */
  readonly keep?: boolean;
};

export type ListedBenchmark = ForecastedTask & { readonly method: string };

export type ListedForecast = {
  readonly id: string;
  /** These are null where the file was changed so that they cannot be read. */
  readonly createdAt: string | null;
  readonly sonde: string | null;
  readonly suite: string | null;
  readonly target: { readonly flops: number; readonly checkpoint: string | null } | null;
  readonly ladder: readonly string[];
  /** The largest compute that it was made from. */
  readonly fromFlops: number | null;
  /** The file is not what was written: nothing of it is scored. */
  readonly changed: boolean;
  /** Why it is not scored though its target may be measured; null mostly. */
  readonly note: string | null;
  readonly path: string;
  readonly benchmarks: readonly ListedBenchmark[];
};

/** Over benchmarks whose truth has come. */
export type ScoreSummary = {
  readonly benchmarks: number;
  readonly meanAbsErrorPoints: number | null;
  readonly maxAbsErrorPoints: number | null;
  readonly coverage: number | null;
  readonly coverage80: number | null;
};

export type ForecastsReport = {
  readonly forecasts: readonly ListedForecast[];
  readonly summary: {
    readonly forecasts: number;
    readonly changed: number;
    readonly scored: ScoreSummary;
    readonly predictable: ScoreSummary;
    readonly notPredictable: ScoreSummary;
  };
};

/** The frozen forecasts, oldest first, scored where their target has outcomes now. */
export async function forecasts(
  store: Store,
  request: ForecastsRequest,
  context: JobContext,
): Promise<ForecastsReport> {
  const documents = await store.forecasts.list();
  const suite = await suiteName(store, request.suite, { documents, context });
  const report = startProgress(context.progress, {
    label: 'score forecasts',
    unit: 'forecasts',
    total: documents.length,
  });
  const listed: ListedForecast[] = [];
  const known = new Set<string>();
  const scoring = createScoring(store, request.keep ?? true, context);
  for (const [index, document] of documents.entries()) {
    context.signal.throwIfAborted();
    const one = await list(scoring, document);
    if (isWanted(one, suite)) {
      for (const { task } of one.benchmarks) known.add(task);
      listed.push(restrict(one, request.tasks));
    }
    report(index + 1);
  }
  listed.sort(
    (a, b) => compareText(a.createdAt ?? '', b.createdAt ?? '') || compareText(a.id, b.id),
  );
  checkTasks(known, request.tasks);
  const changed = listed.filter((one) => one.changed);
  for (const { path } of changed) {
    context.note(`${path} was changed since it was frozen: it is not scored`);
  }
  for (const { id, note } of listed) if (note !== null) context.note(`forecast ${id}: ${note}`);
  const benchmarks = listed.flatMap((one) => one.benchmarks);
  const of = (verdict: ListedBenchmark['verdict']): ScoreSummary =>
    summarise(benchmarks.filter((one) => one.verdict === verdict));
  return {
    forecasts: listed,
    summary: {
      forecasts: listed.length,
      changed: changed.length,
      scored: summarise(benchmarks),
      predictable: of('predictable'),
      notPredictable: of('not-predictable'),
    },
  };
}

/** @throws UserError for a task that none of the listed forecasts is about. */
function checkTasks(known: ReadonlySet<string>, asked: readonly string[] | null): void {
  const unknown = asked?.find((task) => !known.has(task));
  if (unknown === undefined || known.size === 0) return;
  throw new UserError(
    `--tasks: expected tasks of the frozen forecasts (${[...known].sort().join(', ')}), got \`${unknown}\``,
  );
}

/** What scoring one forecast after the other shares. */
type Scoring = {
  readonly store: Store;
  readonly context: JobContext;
  /** Facts of checkpoints as outcomes of a suite say them. */
  readonly factsOf: (suite: string, id: string) => Promise<KnownFacts>;
  /** Keeps scores as far as the store can be written; says once where it cannot. */
  readonly keep: (id: string, scores: readonly BenchmarkScore[]) => Promise<void>;
};

function createScoring(store: Store, keep: boolean, context: JobContext): Scoring {
  const readers = new Map<string, ReturnType<typeof readKnownFacts>>();
  let isWritable = keep;
  return {
    store,
    context,
    factsOf: async (suite, id) => {
      const reader = readers.get(suite) ?? readKnownFacts(store, context, { suite });
      readers.set(suite, reader);
      return await (await reader)(id);
    },
    keep: async (id, scores) => {
      if (!isWritable) return;
      try {
        await keepScores(store, id, scores);
      } catch (error) {
        if (!isReadOnly(error)) throw error;
        isWritable = false;
        context.note(`scores are shown, not kept: the store ${store.dir} cannot be written`);
      }
    },
  };
}

const readOnlyCodes: readonly unknown[] = ['EROFS', 'EACCES', 'EPERM'];

function isReadOnly(error: unknown): boolean {
  return error instanceof Error && 'code' in error && readOnlyCodes.includes(error.code);
}

async function list(scoring: Scoring, document: FrozenDocument): Promise<ListedForecast> {
  const { id, path, intact } = document;
  const frozen = parseFrozen(document);
  const changed = !intact || frozen === null;
  if (frozen === null) {
    const unknown = {
      createdAt: null,
      sonde: null,
      suite: null,
      target: null,
      ladder: [],
      fromFlops: null,
    };
    return { id, path, ...unknown, changed, note: null, benchmarks: [] };
  }
  const { createdAt, sonde, suite, target } = frozen;
  const factsOf = (own: string): Promise<KnownFacts> => scoring.factsOf(suite, own);
  const note = changed ? null : await describeOtherCompute(frozen, factsOf);
  const isScored = !changed && note === null;
  const scores = isScored ? await scoreFrozen(scoring.store, frozen, scoring.context) : [];
  await scoring.keep(id, scores);
  return {
    ...{ id, path, createdAt, sonde, suite, target, changed, note },
    ladder: frozen.ladder.map(({ checkpoint }) => checkpoint),
    fromFlops: Math.max(...frozen.ladder.map(({ flops }) => flops)),
    benchmarks: describeBenchmarks(frozen, scores),
  };
}

function describeBenchmarks(
  { benchmarks }: FrozenForecast,
  scores: readonly BenchmarkScore[],
): ListedBenchmark[] {
  return benchmarks.map(({ task, methods }) => {
    const chosen = methods.find(({ method }) => method === chosenName);
    const score = scores.find((one) => one.task === task);
    return {
      task,
      method: chosenName,
      accuracy: chosen?.accuracy ?? null,
      low: chosen?.low ?? null,
      high: chosen?.high ?? null,
      verdict: chosen?.verdict ?? null,
      measured: score?.measured ?? null,
      measuredItems: score?.items ?? null,
      expectedItems: score?.expected ?? null,
      errorPoints: score?.errorPoints ?? null,
      covered: score?.covered ?? null,
      covered80: score?.covered80 ?? null,
    };
  });
}

/** @throws UserError for a suite that neither forecasts nor the store know. */
async function suiteName(
  store: Store,
  reference: string | null,
  { documents, context }: { documents: readonly FrozenDocument[]; context: JobContext },
): Promise<string | null> {
  const isFrozen = documents.some((one) => parseFrozen(one)?.suite === reference);
  if (reference === null || isFrozen) return reference;
  return (await resolveForecastSuite(store, reference, context)).name;
}

function isWanted({ suite, changed }: ListedForecast, wanted: string | null): boolean {
  // Of a file that cannot be read nobody knows whether it is meant: it is shown.
  return wanted === null || suite === wanted || (suite === null && changed);
}

function restrict(listed: ListedForecast, tasks: readonly string[] | null): ListedForecast {
  if (tasks === null) return listed;
  return { ...listed, benchmarks: listed.benchmarks.filter(({ task }) => tasks.includes(task)) };
}

function summarise(benchmarks: readonly ListedBenchmark[]): ScoreSummary {
  const errors = benchmarks.flatMap(({ errorPoints }) =>
    errorPoints === null ? [] : [Math.abs(errorPoints)],
  );
  return {
    benchmarks: errors.length,
    meanAbsErrorPoints: mean(errors),
    maxAbsErrorPoints: errors.length === 0 ? null : Math.max(...errors),
    coverage: shareOf(benchmarks.map(({ covered }) => covered)),
    coverage80: shareOf(benchmarks.map(({ covered80 }) => covered80)),
  };
}
