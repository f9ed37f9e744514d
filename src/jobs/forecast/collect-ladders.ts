/** From a request to the benchmarks of a ladder: suite, models, outcomes. */
import { UserError } from '../../error/index.ts';
import { chooseRender } from '../../checkpoint/index.ts';
import type { Store } from '../../store/index.ts';
import type { OutcomeChoice } from '../outcome-choice.ts';
import type { JobContext } from '../progress.ts';
import {
  buildBenchmarks,
  type CollectedBenchmark,
  type CollectedBenchmarks,
} from './benchmarks.ts';
import { type Exclusion, noteExclusions } from './exclusion.ts';
import {
  checkOneRecipe,
  type ComputedCheckpoint,
  describeFlops,
  describeSome,
  noteOrder,
  type ParamsCount,
  resolveModels,
  sharedParamsCount,
} from './ladder-models.ts';
import type { OutcomeTable } from './outcome-table.ts';
import { type ForecastSuite, readOutcomes, resolveForecastSuite } from './read-outcomes.ts';
import type { ForecastTarget } from './target.ts';

export type LadderRequest = OutcomeChoice & {
  /** A suite's folder, its name in the store, or a value of the column `suite` of records. */
  readonly suite: string;
  /** Ids or folders, in any order. */
  readonly ladder: readonly string[];
  /** Existing models of any family with outcomes of the same questions. */
  readonly anchors: readonly string[];
  /** Null: all. */
  readonly tasks: readonly string[] | null;
  /** One benchmark a task, or the whole suite as one. */
  readonly benchmark: 'task' | 'suite';
};

export type CollectedLadders = {
  readonly suite: ForecastSuite;
  /** Below the target, by ascending compute. */
  readonly models: readonly ComputedCheckpoint[];
  readonly anchors: readonly ComputedCheckpoint[];
  readonly benchmarks: readonly CollectedBenchmark[];
  readonly exclusions: readonly Exclusion[];
  readonly table: OutcomeTable;
  /** Which count of parameters models and target share. */
  readonly params: ParamsCount;
};

export type LadderModels = {
  readonly suite: ForecastSuite;
  readonly models: readonly ComputedCheckpoint[];
  readonly anchors: readonly ComputedCheckpoint[];
};

/** What a ladder is named by on the command line. */
export type LadderOption = '--ladder' | '--against';

/** Suite and models of a request, checked on their own. */
export async function resolveLadderModels(
  store: Store,
  request: LadderRequest & { readonly option?: LadderOption },
  context: JobContext,
): Promise<LadderModels> {
  const suite = await resolveForecastSuite(store, request.suite, context);
  const { ladder: references, anchors, option = '--ladder' } = request;
  if (references.length === 0) throw new UserError(`${option}: expected models, got none`);
  const { name } = suite;
  const models = await resolveModels(store, { option, references, suite: name }, context);
  checkOneRecipe(option, models);
  noteOrder(option, { named: references, sorted: models }, context);
  const asked = { option: '--anchors', references: anchors, suite: name };
  const known = await resolveModels(store, asked, context);
  const shared = known.find(({ id }) => models.some((model) => model.id === id));
  if (shared !== undefined) {
    throw new UserError(`--anchors: \`${shared.id}\` is in the ladder, name it once`);
  }
  return { suite, models, anchors: known };
}

export type CollectRequest = LadderRequest & {
  readonly target: ForecastTarget | null;
  readonly option?: LadderOption;
};

/**
 * A ladder's benchmarks up to a target: its own outcomes are read (to be compared with), and play no part.
 *
 * @throws UserError for what no forecast can rest on, see `docs/forecasting.md`.
 */
export async function collectLadders(
  store: Store,
  request: CollectRequest,
  context: JobContext,
): Promise<CollectedLadders> {
  const resolved = await resolveLadderModels(store, request, context);
  return await collectResolved(store, resolved, request, context);
}

/** The same of models that are resolved already. */
export async function collectResolved(
  store: Store,
  resolved: LadderModels,
  request: CollectRequest,
  context: JobContext,
): Promise<CollectedLadders> {
  const { suite, models, anchors } = resolved;
  const { target } = request;
  if (target !== null) checkTarget(resolved, target);
  const { kept, exclusions } = belowTarget(models, request);
  const wanted = {
    suite,
    ladder: kept.map(({ id }) => id),
    others: [...anchors.map(({ id }) => id), ...(target?.id == null ? [] : [target.id])],
    render: renderFor(models, suite),
  };
  const table = await readOutcomes(store, wanted, request, context);
  const { tasks, benchmark, across } = request;
  const { questions } = suite;
  const params = paramsOf(resolved, target);
  const asked = { models: kept, anchors, questions, tasks, benchmark, params, across };
  const collected = buildBenchmarks(table, asked);
  const all = [...exclusions, ...collected.exclusions, ...unusedAnchors(collected, anchors)];
  noteExclusions(all, context);
  noteChance(collected, context);
  const { benchmarks } = collected;
  return { suite, models: kept, anchors, benchmarks, exclusions: all, table, params };
}

/** A target of which no parameters are known has no say. */
function paramsOf({ models, anchors }: LadderModels, target: ForecastTarget | null): ParamsCount {
  const facts = [...models, ...anchors].map((model) => model.facts);
  const own = target?.facts;
  const hasParams = own !== undefined && (own.params ?? own.paramsNonEmbedding) !== null;
  return sharedParamsCount(hasParams ? [...facts, own] : facts);
}

export function renderFor(
  models: readonly ComputedCheckpoint[],
  { questions }: ForecastSuite,
): 'prompt' | 'messages' {
  const stage = models.find(({ facts }) => facts.stage !== null)?.facts.stage ?? null;
  const someMessages = questions?.items.some(({ messages }) => messages !== null) ?? false;
  return chooseRender('auto', stage, true, someMessages);
}

function checkTarget({ models, anchors }: LadderModels, target: ForecastTarget): void {
  const { id } = target;
  if (id === null) return;
  const option = '--target';
  if (models.some((model) => model.id === id)) {
    throw new UserError(
      `${option}: \`${id}\` is in the ladder: a forecast never looks at its target, leave it out of --ladder`,
    );
  }
  if (anchors.some((anchor) => anchor.id === id)) {
    throw new UserError(
      `${option}: \`${id}\` is among the anchors: a forecast never looks at its target, leave it out of --anchors`,
    );
  }
  checkOneRecipe(option, [...models, { id, facts: target.facts }]);
}

/** Models with as much compute as the target, or more, would be looking back. */
function belowTarget(
  models: readonly ComputedCheckpoint[],
  { target, option = '--ladder' }: { target: ForecastTarget | null; option?: LadderOption },
): { kept: readonly ComputedCheckpoint[]; exclusions: Exclusion[] } {
  if (target === null) return { kept: models, exclusions: [] };
  const { flops } = target;
  const kept = models.filter((model) => model.flops < flops);
  if (kept.length === 0) {
    throw new UserError(
      `${option}: expected models with less compute than the target’s ${describeFlops(flops)}, the smallest, \`${String(models[0]?.id)}\`, has ${describeFlops(models[0]?.flops ?? 0)}`,
    );
  }
  const exclusions = models
    .filter((model) => !kept.includes(model))
    .map(({ id, flops: own }) => ({
      task: null,
      checkpoint: id,
      items: 0,
      reason: `its compute of ${describeFlops(own)} is not below the target’s ${describeFlops(flops)}`,
    }));
  return { kept, exclusions };
}

export function unusedAnchors(
  { benchmarks }: CollectedBenchmarks,
  anchors: readonly ComputedCheckpoint[],
): Exclusion[] {
  const reason = 'this anchor has no outcome that was measured as the ladder’s';
  return benchmarks.flatMap(({ ladder }) =>
    anchors
      .filter(({ id }) => !ladder.anchors.some(({ checkpoint }) => checkpoint === id))
      .map(({ id }) => ({ task: ladder.task, checkpoint: id, items: 0, reason })),
  );
}

export function noteChance({ withoutChance }: CollectedBenchmarks, { note }: JobContext): void {
  if (withoutChance.length === 0) return;
  note(
    `chance level taken as 0 where neither suite nor records tell it: ${describeSome(withoutChance)}`,
  );
}
