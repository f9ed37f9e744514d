import { UserError } from '../../error/index.ts';
import type { CurvePoint } from '../../forecast/index.ts';
import type { Across } from '../../outcomes/index.ts';
import { canonicalJson, type Store } from '../../store/index.ts';
import { hashSuiteContent } from '../../suite/index.ts';
import { noteAcross } from '../first-difference.ts';
import { type JobContext, startProgress } from '../progress.ts';
import {
  type Answer,
  type Answered,
  answerOne,
  type AnswerSettings,
  chosenOf,
  describeModel,
  type DescribedModel,
  type ForecastedBenchmark,
  type Work,
} from './answer.ts';
import {
  type CollectedLadders,
  collectLadders,
  collectResolved,
  type LadderRequest,
  renderFor,
  resolveLadderModels,
} from './collect-ladders.ts';
import type { Exclusion } from './exclusion.ts';
import { findFrozen, forecastId, freeze } from './freeze.ts';
import { hashLadder } from './hash-ladder.ts';
import { type BenchmarkPart, measure, notMeasured } from './measure.ts';
import { checkMethods } from './method-names.ts';
import { monitor, probedAccuracy, type ProbedItems, readProbed } from './monitor.ts';
import { nextTurn } from './next-turn.ts';
import { type ForecastTarget, resolveTarget, targetOf, type TargetRequest } from './target.ts';

export type ForecastRequest = LadderRequest &
  TargetRequest &
  AnswerSettings & {
    /** A second ladder to compare with at equal compute; empty: none. */
    readonly against: readonly string[];
  };

export type ForecastReport = {
  readonly id: string;
  /** When this forecast was first made. */
  readonly createdAt: string;
  readonly suite: string;
  readonly target: { readonly flops: number; readonly checkpoint: string | null };
  readonly ladder: readonly DescribedModel[];
  readonly benchmarks: readonly ForecastedBenchmark[];
  readonly exclusions: readonly Exclusion[];
  /** Differences across which outcomes were joined. */
  readonly across: readonly Across[];
  /** Curves for drawing, in the order of the benchmarks; empty where none were wanted. */
  readonly drawn: readonly (readonly CurvePoint[])[];
};

/**
 * Forecasts a suite's benchmarks at a compute from a ladder's stored outcomes, and freezes the answer.
 *
 * @throws UserError for what no forecast can rest on, and where a frozen file of the same forecast was changed.
 */
export async function forecast(
  store: Store,
  request: ForecastRequest,
  context: JobContext,
): Promise<ForecastReport> {
  checkMethods(request.methods);
  checkReach(request.reach);
  noteAcross(request.across, context);
  const resolved = await resolveLadderModels(store, request, context);
  const { name } = resolved.suite;
  const target = await resolveTarget(store, { ...request, suite: name }, context);
  const collected = await collectResolved(store, resolved, { ...request, target }, context);
  const against = await collectAgainst(store, request, target, context);
  noteDifferences(collected, against, context);
  const [inputs, others] = [hashInputs(collected), against === null ? [] : hashInputs(against)];
  const stated = describeRequest(request, { collected, against, target });
  const hashes = [...inputs, ...others].map(({ sha256 }) => sha256);
  const id = forecastId(stated, hashes);
  const before = await findFrozen(store, id);
  const work: Work = { settings: request, target, collected, against };
  const answers = await answerAll(work, context);
  const { suite, models, exclusions } = collected;
  const described = {
    suite: suite.name,
    target: { flops: target.flops, checkpoint: target.id },
    ladder: models.map(describeModel),
    exclusions: [...exclusions, ...(against?.exclusions ?? [])],
    across: request.across,
  };
  const document = {
    ...described,
    request: stated,
    suiteHash: suite.questions === null ? null : hashSuiteContent(suite.questions),
    render: renderFor(models, suite),
    inputs,
    against:
      against === null ? null : { ladder: against.models.map(describeModel), inputs: others },
    benchmarks: answers.map(({ answer }) => answer),
  };
  const createdAt = before ?? (await freeze(store, id, document));
  const probed = await probedOf(store, work);
  const benchmarks = answers.map(({ answer }, index) =>
    withTruth(answer, work, { index, probed, context }),
  );
  const drawn = answers.map((one) => one.drawn).filter((curve) => curve.length > 0);
  return { id, createdAt, ...described, benchmarks, drawn };
}

/** What went into each benchmark: its hash, and how its truth will be measured. */
function hashInputs({
  benchmarks,
}: CollectedLadders): { task: string; sha256: string; parts: readonly BenchmarkPart[] }[] {
  return benchmarks.map(({ ladder, parts }) => ({
    task: ladder.task,
    sha256: hashLadder(ladder),
    parts,
  }));
}

/** Two ladders are compared on what both have; other questions at one of them are no reason to refuse, but to say so. */
function noteDifferences(
  { benchmarks }: CollectedLadders,
  against: CollectedLadders | null,
  { note }: JobContext,
): void {
  if (against === null) return;
  for (const { ladder } of benchmarks) {
    const other = against.benchmarks.find((one) => one.ladder.task === ladder.task)?.ladder;
    if (other === undefined) note(`${ladder.task}: the ladder of --against has no outcomes of it`);
    else if (canonicalJson(other.items?.ids ?? []) !== canonicalJson(ladder.items?.ids ?? [])) {
      note(`${ladder.task}: the two ladders were measured on different questions`);
    }
  }
}

function checkReach(reach: number | null): void {
  if (reach === null || (reach > 0 && reach < 1)) return;
  throw new UserError(`--reach: expected an accuracy above 0 and below 1, got ${reach}`);
}

async function collectAgainst(
  store: Store,
  request: ForecastRequest,
  target: ForecastTarget,
  context: JobContext,
): Promise<CollectedLadders | null> {
  if (request.against.length === 0) return null;
  // A target of the first recipe says nothing of the second: only its compute counts.
  const atCompute = { ...target, id: null };
  const option = '--against' as const;
  const asked = { ...request, option, ladder: request.against, anchors: [], target: atCompute };
  return await collectLadders(store, asked, context);
}

async function answerAll(work: Work, context: JobContext): Promise<Answered[]> {
  const { benchmarks } = work.collected;
  const report = startProgress(context.progress, {
    label: 'forecast',
    unit: 'benchmarks',
    total: benchmarks.length,
  });
  const answers: Answered[] = [];
  for (const benchmark of benchmarks) {
    await nextTurn(context.signal);
    answers.push(answerOne(work, benchmark));
    report(answers.length);
  }
  return answers;
}

async function probedOf(store: Store, { target, collected }: Work): Promise<ProbedItems> {
  if (target.id === null) return new Map();
  return await readProbed(store, { suite: collected.suite.name, checkpoint: target.id });
}

function withTruth(
  answer: Answer,
  { target, collected }: Work,
  { index, probed, context }: { index: number; probed: ProbedItems; context: JobContext },
): ForecastedBenchmark {
  const parts = collected.benchmarks[index]?.parts ?? [];
  if (target.id === null) return { ...answer, measured: null, monitoring: null };
  const truth = measure(collected.table, parts, target.id);
  const measured = 'reason' in truth ? null : truth.accuracy;
  noteMeasured(answer.task, target.id, truth, context);
  const chosen = chosenOf(answer);
  const monitoring = monitor(chosen, { measured, probed: probedAccuracy(probed, parts) });
  if (monitoring?.position === 'below') {
    const points = (share: number): string => (100 * share).toFixed(1);
    const found = monitoring.measured ?? monitoring.probed ?? 0;
    context.note(
      `${answer.task}: ${points(found)} points at \`${target.id}\` are below what its ladder expects at this compute, ${points(monitoring.expected)} (${points(monitoring.low)} to ${points(monitoring.high)})`,
    );
  }
  return { ...answer, measured, monitoring };
}

function noteMeasured(
  task: string,
  checkpoint: string,
  truth: ReturnType<typeof measure>,
  { note }: JobContext,
): void {
  if ('reason' in truth) {
    if (truth.reason === notMeasured) return;
    note(`${task}: no measured accuracy of \`${checkpoint}\` is shown: ${truth.reason}`);
  } else if (truth.items < truth.expected) {
    note(
      truth.items === 0
        ? `${task}: measured at \`${checkpoint}\` by a result of the whole task, not on the ladder’s ${truth.expected} items`
        : `${task}: measured at \`${checkpoint}\` on ${truth.items} of the ladder’s ${truth.expected} items`,
    );
  }
}

/** What was asked, in one form whatever the order of the ladder and however folders were named. */
function describeRequest(
  request: ForecastRequest,
  { collected, against, target }: Omit<Work, 'settings'>,
): Record<string, unknown> {
  const { tasks, benchmark, methods, reach, replicates, seed } = request;
  const { source, filter, temperature, topP, fewShot, chatTemplate, across } = request;
  return {
    suite: collected.suite.name,
    ladder: collected.models.map(({ id }) => id),
    anchors: collected.anchors.map(({ id }) => id),
    against: against?.models.map(({ id }) => id) ?? [],
    target: target.id,
    targetFlops: target.curve ?? [target.flops],
    // What laws of N and D see of it.
    targetFacts: targetOf(target, collected.params),
    tasks: tasks === null ? null : [...tasks].sort(),
    methods: methods === null ? null : [...methods].sort(),
    ...{ benchmark, reach, replicates, seed },
    ...{ source, filter, temperature, topP, fewShot, chatTemplate },
    across: [...across].sort(),
  };
}
