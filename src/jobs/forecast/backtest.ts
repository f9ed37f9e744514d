import { UserError } from '../../error/index.ts';
import { forecastBenchmark, minLadder } from '../../forecast/index.ts';
import type { Across } from '../../outcomes/index.ts';
import type { Store } from '../../store/index.ts';
import { noteAcross } from '../first-difference.ts';
import { type JobContext, startProgress } from '../progress.ts';
import {
  type BacktestedBenchmark,
  type BacktestSummary,
  summariseBacktest,
} from './backtest-summary.ts';
import {
  buildBenchmarks,
  type CollectedBenchmark,
  type CollectedBenchmarks,
} from './benchmarks.ts';
import {
  type LadderModels,
  type LadderRequest,
  noteChance,
  renderFor,
  resolveLadderModels,
  unusedAnchors,
} from './collect-ladders.ts';
import { type Exclusion, noteExclusions } from './exclusion.ts';
import {
  checkOneRecipe,
  type ComputedCheckpoint,
  describeFlops,
  resolveModels,
  sharedParamsCount,
} from './ladder-models.ts';
import { measure, type MeasuredAccuracy } from './measure.ts';
import { checkMethods, methodsOr } from './method-names.ts';
import { nextTurn } from './next-turn.ts';
import type { OutcomeTable } from './outcome-table.ts';
import { readOutcomes } from './read-outcomes.ts';

export type BacktestRequest = LadderRequest & {
  /** Null: the models of the ladder that have at least four smaller ones. */
  readonly targets: readonly string[] | null;
  /** Null: all but variants. */
  readonly methods: readonly string[] | null;
  /** Forecast without so many of the largest models below each target. */
  readonly dropLargest: number;
  readonly replicates: number;
  readonly seed: number;
};

export type BacktestedTarget = {
  readonly checkpoint: string;
  readonly flops: number;
  /** What it was forecast from. */
  readonly ladder: readonly string[];
  readonly benchmarks: readonly BacktestedBenchmark[];
};

export type BacktestReport = {
  readonly suite: string;
  readonly targets: readonly BacktestedTarget[];
  readonly summary: readonly BacktestSummary[];
  readonly exclusions: readonly Exclusion[];
  /** Differences across which outcomes were joined. */
  readonly across: readonly Across[];
};

/**
 * Forecasts targets whose truth is known, each from the ladder's models with less compute, by every method.
 *
 * @throws UserError for what no forecast can rest on, and where no truth is known.
 */
export async function backtest(
  store: Store,
  request: BacktestRequest,
  context: JobContext,
): Promise<BacktestReport> {
  checkMethods(request.methods);
  noteAcross(request.across, context);
  const resolved = await resolveLadderModels(store, request, context);
  const targets = await resolveTargets(store, resolved, request, context);
  const { suite, models, anchors } = resolved;
  const ids = (all: readonly ComputedCheckpoint[]): string[] => all.map(({ id }) => id);
  const wanted = {
    suite,
    ladder: ids(models),
    others: [...ids(anchors), ...ids(targets)],
    render: renderFor(models, suite),
  };
  const table = await readOutcomes(store, wanted, request, context);
  const cases = targets.map((target) => prepareCase(table, resolved, target, request));
  const done = await forecastCases({ table, request }, cases, context);
  const exclusions = unique(
    [...cases, ...done].flatMap(({ exclusions: own }): readonly Exclusion[] => own),
  );
  noteExclusions(exclusions, context);
  for (const { collected } of cases.slice(0, 1)) noteChance(collected, context);
  const found = done.map(({ target }) => target).filter(({ benchmarks }) => benchmarks.length > 0);
  if (found.length === 0) throw noTruth(suite.name, targets, exclusions);
  const summary = summariseBacktest(found.flatMap(({ benchmarks }) => benchmarks));
  return { suite: suite.name, targets: found, summary, exclusions, across: request.across };
}

async function resolveTargets(
  store: Store,
  { suite, models, anchors }: LadderModels,
  { targets: references }: BacktestRequest,
  context: JobContext,
): Promise<ComputedCheckpoint[]> {
  if (references === null) {
    const enough = models.filter(({ flops }) => below(models, flops).length >= minLadder);
    if (enough.length > 0) return enough;
    throw new UserError(
      `backtest: expected a ladder where some model has ${minLadder} smaller ones, got ${models.length} models; name more in --ladder, or targets with --targets`,
    );
  }
  const targets = await resolveModels(
    store,
    { option: '--targets', references, suite: suite.name },
    context,
  );
  checkOneRecipe('--targets', [...models, ...targets]);
  for (const { id, flops } of targets) {
    if (anchors.some((anchor) => anchor.id === id)) {
      throw new UserError(`--targets: \`${id}\` is among the anchors, leave it out of one of them`);
    }
    if (below(models, flops).length > 0) continue;
    throw new UserError(
      `--targets: expected a target with more compute than some model of the ladder, \`${id}\` has ${describeFlops(flops)}`,
    );
  }
  return targets;
}

function below(models: readonly ComputedCheckpoint[], flops: number): ComputedCheckpoint[] {
  return models.filter((model) => model.flops < flops);
}

type Case = {
  readonly target: ComputedCheckpoint;
  readonly models: readonly ComputedCheckpoint[];
  readonly collected: CollectedBenchmarks;
  readonly at: { flops: number; params: number | null; tokens: number | null };
  readonly exclusions: readonly Exclusion[];
};

function prepareCase(
  table: OutcomeTable,
  { suite, models, anchors }: LadderModels,
  target: ComputedCheckpoint,
  { tasks, benchmark, dropLargest, across }: BacktestRequest,
): Case {
  const smaller = below(models, target.flops).filter(({ id }) => id !== target.id);
  const own = smaller.slice(0, smaller.length - dropLargest);
  if (own.length === 0) {
    throw new UserError(
      `--drop-largest: expected to leave a model below \`${target.id}\`, ${smaller.length} are below it and ${dropLargest} are dropped`,
    );
  }
  const facts = [...own, ...anchors, target].map((model) => model.facts);
  const params = sharedParamsCount(facts);
  const { questions } = suite;
  const collected = buildBenchmarks(table, {
    ...{ models: own, anchors, questions, tasks, benchmark, params, across },
  });
  return {
    target,
    models: own,
    collected,
    at: { flops: target.flops, params: target.facts[params], tokens: target.facts.tokens },
    exclusions: [...collected.exclusions, ...unusedAnchors(collected, anchors)],
  };
}

type DoneCase = { readonly target: BacktestedTarget; readonly exclusions: readonly Exclusion[] };
type Work = { readonly table: OutcomeTable; readonly request: BacktestRequest };

async function forecastCases(
  { table, request }: Work,
  cases: readonly Case[],
  context: JobContext,
): Promise<DoneCase[]> {
  const total = cases.reduce((sum, { collected }) => sum + collected.benchmarks.length, 0);
  const report = startProgress(context.progress, { label: 'backtest', unit: 'benchmarks', total });
  let count = 0;
  const finished: DoneCase[] = [];
  for (const one of cases) {
    const benchmarks: BacktestedBenchmark[] = [];
    const exclusions: Exclusion[] = [];
    for (const benchmark of one.collected.benchmarks) {
      await nextTurn(context.signal);
      const truth = measure(table, benchmark.parts, one.target.id);
      exclusions.push(...describeTruth(truth, benchmark.ladder.task, one.target.id));
      if (!('reason' in truth)) benchmarks.push(forecastOne(request, one, benchmark, truth));
      report((count += 1));
    }
    const { id: checkpoint, flops } = one.target;
    const ladder = one.models.map(({ id }) => id);
    finished.push({ target: { checkpoint, flops, ladder, benchmarks }, exclusions });
  }
  return finished;
}

function forecastOne(
  request: BacktestRequest,
  { at }: Case,
  { ladder }: CollectedBenchmark,
  { accuracy: measured, items: measuredItems }: MeasuredAccuracy,
): BacktestedBenchmark {
  const { suite, task } = ladder;
  const { replicates, seed } = request;
  const methods = methodsOr(request.methods);
  const answer = forecastBenchmark(ladder, at, { methods, replicates, seed });
  return {
    ...{ suite, task, items: answer.items, measured, measuredItems, chosen: answer.chosen },
    methods: answer.methods.map((method) => ({
      ...method,
      absErrorPoints: method.accuracy === null ? null : 100 * Math.abs(method.accuracy - measured),
    })),
  };
}

/** What a target's truth does without. */
function describeTruth(
  truth: MeasuredAccuracy | { readonly reason: string },
  task: string,
  checkpoint: string,
): Exclusion[] {
  const about = { task, checkpoint, items: 0 };
  if ('reason' in truth) {
    return [{ ...about, reason: `no truth at this target: ${truth.reason}` }];
  }
  const { items, expected } = truth;
  if (items >= expected) return [];
  if (items === 0) {
    const reason = 'outcomes per item at this target: its truth is a result of the whole task';
    return [{ ...about, reason }];
  }
  const reason = 'no outcome at this target: its truth is of the other items of the ladder';
  return [{ ...about, items: expected - items, reason }];
}

/** Several targets leave the same out. */
function unique(exclusions: readonly Exclusion[]): Exclusion[] {
  return [...new Map(exclusions.map((one) => [JSON.stringify(one), one])).values()];
}

function noTruth(
  suite: string,
  targets: readonly ComputedCheckpoint[],
  exclusions: readonly Exclusion[],
): UserError {
  const [first] = exclusions;
  const why = first === undefined ? '' : ` (task \`${String(first.task)}\`: ${first.reason})`;
  return new UserError(
    `backtest: expected outcomes of suite \`${suite}\` at the targets ${targets.map(({ id }) => id).join(', ')}, found none${why}; import them first`,
  );
}
