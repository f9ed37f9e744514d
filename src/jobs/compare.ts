import { compareText } from './compare-text.ts';
import { UserError } from '../error/index.ts';
import { holm, pairedComparison } from '../estimate/index.ts';
import type { OutcomeKind, OutcomeRecord } from '../outcomes/index.ts';
import type { OutcomeQuery, Store } from '../store/index.ts';
import { loadSuite, type Suite } from '../suite/index.ts';
import { groupNumbers } from './compare-groups.ts';
import {
  type ComparisonExclusion,
  noteComparisonExclusions,
  nothingShared,
} from './compare-notes.ts';
import { type ItemOutcome, type PairedOutcomes, pairOutcomes } from './compare-pairs.ts';
import { resolveCheckpoints } from './known-checkpoint.ts';
import { resolveSuite } from './known-suite.ts';
import {
  isOfPrimaryFilter,
  isOfSampling,
  type OutcomeChoice,
  refuseEmptyChoice,
} from './outcome-choice.ts';
import type { JobContext } from './progress.ts';

export type CompareRequest = OutcomeChoice & {
  /** Ids or folders of two checkpoints. */
  readonly a: string;
  readonly b: string;
  /** A suite's folder, its name in the store, or a value of the column `suite` of records; null: all. */
  readonly suite: string | null;
  /** Null: all. */
  readonly tasks: readonly string[] | null;
};

/** Rates and differences are shares, 0 to 1; a difference is b less a. */
export type ComparedTask = {
  readonly suite: string;
  readonly task: string;
  readonly filter: string | null;
  /** `score`: `a` and `b` are mean scores. */
  readonly kind: OutcomeKind;
  /** Questions that both were asked. */
  readonly items: number;
  /** Independent units: groups of questions, and questions without one. */
  readonly units: number;
  readonly a: number;
  readonly b: number;
  readonly difference: number;
  /** The interval of `level`; null, as is the effect, where there are fewer than two units. */
  readonly low: number | null;
  readonly high: number | null;
  /** Two-sided, for no difference. */
  readonly p: number;
  /** By Holm, over the tasks of the report. */
  readonly adjustedP: number;
  /** The true difference that 8 of 10 such comparisons would find at p < 0.05. */
  readonly minimalDetectableEffect: number | null;
};

export type CompareReport = {
  readonly a: string;
  readonly b: string;
  readonly level: number;
  readonly tasks: readonly ComparedTask[];
  readonly exclusions: readonly ComparisonExclusion[];
};

const level = 0.95;

/**
 * The paired difference of two checkpoints on every task that both were measured on, joined by suite, task and item.
 *
 * @throws UserError for a checkpoint, suite or task that is not known, and where no question is shared.
 */
export async function compare(
  store: Store,
  request: CompareRequest,
  context: JobContext,
): Promise<CompareReport> {
  const suite = request.suite === null ? null : await findSuite(store, request.suite, context);
  await checkTasks(store, suite, request.tasks);
  const [first, second] = await resolveCheckpoints(store, [request.a, request.b], context, {
    suite: suite?.name ?? null,
    option: 'compare',
  });
  if (first === undefined || second === undefined) throw new Error('compare: no two checkpoints');
  const ids = [first.id, second.id] as const;
  const suites = suite === null ? await measuredSuites(store, ids, context) : [suite];
  const measured = await readTasks(store, { ids, suites, request }, context);
  await refuseUnmeasured(store, { ids, measured, suite, request });
  const compared = measured.map((task) => compareTask(ids, task));
  const exclusions = compared.flatMap((one) => one.exclusions);
  const done = compared.flatMap(({ result }) => (result === null ? [] : [result]));
  if (done.length === 0) throw nothingShared(ids, exclusions);
  noteComparisonExclusions(exclusions, context);
  const across = compared.reduce((sum, one) => sum + one.acrossRenderings, 0);
  if (across > 0) context.note(`${across} questions asked in another rendering joined by item id`);
  const adjusted = holm(done.map(({ p }) => p));
  const tasks = done.map((task, index) => ({ ...task, adjustedP: adjusted[index] ?? 1 }));
  return { a: ids[0], b: ids[1], level, tasks, exclusions };
}

/** A suite by name, and its questions where there are any: they tell groups and declared filters. */
type FoundSuite = { readonly name: string; readonly questions: Suite | null };

async function findSuite(
  store: Store,
  reference: string,
  context: JobContext,
): Promise<FoundSuite> {
  const known = await store.outcomes.tasks({ suite: reference });
  if (known.length > 0) return await keptSuite(store, reference, context);
  const questions = await resolveSuite(store, { suite: reference, tasks: null }, context);
  return { name: questions.name, questions };
}

/** Several copies under one name, or a damaged one, are no reason to refuse what needs outcomes alone. */
async function keptSuite(store: Store, name: string, { note }: JobContext): Promise<FoundSuite> {
  try {
    const kept = await store.suites.find(name);
    return { name, questions: kept === null ? null : await loadSuite(kept) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    note(`suite ${name}: groups and declared filters are not used: ${error.message}`);
    return { name, questions: null };
  }
}

async function measuredSuites(
  store: Store,
  ids: readonly string[],
  context: JobContext,
): Promise<FoundSuite[]> {
  const tasks = await store.outcomes.tasks({ checkpoints: ids });
  const names = [...new Set(tasks.map(({ suite }) => suite))].sort(compareText);
  return await Promise.all(names.map((name) => keptSuite(store, name, context)));
}

async function checkTasks(
  store: Store,
  suite: FoundSuite | null,
  asked: readonly string[] | null,
): Promise<void> {
  if (asked === null) return;
  const measured = await store.outcomes.tasks(suite === null ? {} : { suite: suite.name });
  const ofQuestions = suite?.questions?.tasks.keys() ?? [];
  const known = [...new Set([...measured.map(({ task }) => task), ...ofQuestions])].sort();
  const unknown = asked.find((task) => !known.includes(task));
  if (unknown === undefined || known.length === 0) return;
  const where = suite === null ? 'the store' : `suite \`${suite.name}\``;
  throw new UserError(
    `--tasks: expected tasks of ${where} (${known.join(', ')}), got \`${unknown}\``,
  );
}

/** What was measured of one task at one of the two. */
type Side = {
  readonly items: ItemOutcome[];
  /** Whether the result of the whole task is known. */
  hasWhole: boolean;
};

type MeasuredTask = {
  readonly suite: FoundSuite;
  readonly task: string;
  readonly sides: readonly [a: Side, b: Side];
};

type Wanted = {
  readonly ids: readonly [string, string];
  readonly suites: readonly FoundSuite[];
  readonly request: CompareRequest;
};

/** Everything that counts of both, in the order of suites and tasks. */
async function readTasks(
  store: Store,
  { ids, suites, request }: Wanted,
  { signal }: JobContext,
): Promise<MeasuredTask[]> {
  const found: MeasuredTask[] = [];
  const query: OutcomeQuery = {
    checkpoints: ids,
    ...(request.tasks === null ? {} : { tasks: request.tasks }),
    ...(request.source === null ? {} : { source: request.source }),
    ...(request.filter === null ? {} : { filter: request.filter }),
  };
  for (const suite of suites) {
    const tasks = new Map<string, MeasuredTask>();
    for await (const batch of store.outcomes.stream({ ...query, suite: suite.name })) {
      signal.throwIfAborted();
      for (const record of batch) {
        if (!isWanted(record, suite, request)) continue;
        const task = tasks.get(record.task) ?? newTask(suite, record.task);
        tasks.set(record.task, task);
        addRecord(task.sides[record.checkpoint === ids[0] ? 0 : 1], record);
      }
    }
    found.push(...[...tasks.values()].sort((x, y) => compareText(x.task, y.task)));
  }
  return found;
}

function newTask(suite: FoundSuite, task: string): MeasuredTask {
  const side = (): Side => ({ items: [], hasWhole: false });
  return { suite, task, sides: [side(), side()] };
}

function isWanted(
  record: OutcomeRecord,
  { questions }: FoundSuite,
  request: CompareRequest,
): boolean {
  const isPrimary = questions === null || isOfPrimaryFilter(record, questions, request);
  return isPrimary && isOfSampling(record, request);
}

/** A record with only a loss says nothing of right answers. Only what is needed is kept: there may be many records. */
function addRecord(side: Side, record: OutcomeRecord): void {
  const { item, k, n, kind, filter, temperature, topP, render, promptSha256 } = record;
  if (k === null || n === null) return;
  if (item === null) side.hasWhole = true;
  else side.items.push({ item, k, n, kind, filter, temperature, topP, render, promptSha256 });
}

type Unmeasured = {
  readonly ids: readonly [string, string];
  readonly measured: readonly MeasuredTask[];
  readonly suite: FoundSuite | null;
  readonly request: CompareRequest;
};

/** One of the two without any outcome is told apart from two without a common question. */
async function refuseUnmeasured(
  store: Store,
  { ids, measured, suite, request }: Unmeasured,
): Promise<void> {
  for (const [index, id] of ids.entries()) {
    const isMeasured = measured.some(({ sides }) => isKnown(sides[index === 0 ? 0 : 1]));
    if (isMeasured) continue;
    const within = {
      checkpoints: [id],
      ...(suite === null ? {} : { suite: suite.name }),
      ...(request.tasks === null ? {} : { tasks: request.tasks }),
    };
    await refuseEmptyChoice(store, within, request, `\`${id}\``);
    const of = suite === null ? '' : ` of suite \`${suite.name}\``;
    const tasks = request.tasks === null ? '' : `, tasks ${request.tasks.join(', ')}`;
    throw new UserError(
      `\`${id}\`: expected outcomes${of}${tasks}, the store has none; import them (sonde import FILE) or sample them (sonde label ${id} --suite ${suite?.name ?? 'S'})`,
    );
  }
}

function isKnown({ items, hasWhole }: Side): boolean {
  return items.length > 0 || hasWhole;
}

type Compared = {
  readonly result: Omit<ComparedTask, 'adjustedP'> | null;
  readonly exclusions: readonly ComparisonExclusion[];
  readonly acrossRenderings: number;
};

function compareTask(ids: readonly [string, string], measured: MeasuredTask): Compared {
  const { suite, task, sides } = measured;
  const about = { suite: suite.name, task };
  const leaveOut = (reason: string): Compared => ({
    result: null,
    exclusions: [{ ...about, items: null, reason }],
    acrossRenderings: 0,
  });
  for (const [index, side] of sides.entries()) {
    if (side.items.length > 0) continue;
    return leaveOut(
      side.hasWhole
        ? `only the result of the whole task is known at \`${ids[index] ?? ''}\`, and pairs need outcomes per item`
        : `no outcomes at \`${ids[index] ?? ''}\``,
    );
  }
  const paired = pairOutcomes(sides[0].items, sides[1].items);
  if ('problem' in paired) return leaveOut(paired.problem);
  const { pairs, acrossRenderings } = paired;
  const exclusions = paired.left.map((left) => ({ ...about, ...left }));
  const [pair] = pairs;
  if (pair === undefined) return { result: null, exclusions, acrossRenderings };
  const [{ filter, kind }] = pair;
  const statistics = comparePairs(pairs, suite.questions);
  const result = { ...about, filter: filter ?? pair[1].filter, kind, ...statistics };
  return { result, exclusions, acrossRenderings };
}

type Statistics = Omit<ComparedTask, 'suite' | 'task' | 'filter' | 'kind' | 'adjustedP'>;

function comparePairs(pairs: PairedOutcomes['pairs'], questions: Suite | null): Statistics {
  const counts = (side: 0 | 1): { k: Float64Array; n: Float64Array } => ({
    k: Float64Array.from(pairs, (pair) => rightOf(pair[side])),
    n: Float64Array.from(pairs, (pair) => pair[side].n),
  });
  const group = groupsOf(pairs, questions);
  const found = pairedComparison({ a: counts(0), b: counts(1), group, level });
  const { items, units, a, b, difference, low, high, p, minimalDetectableEffect } = found;
  return { items, units, a, b, difference, low, high, p, minimalDetectableEffect };
}

/** A mean score counts as that share of its answers. */
function rightOf({ kind, k, n }: ItemOutcome): number {
  return kind === 'score' ? k * n : k;
}

/** Groups as the suite declares them; null where no item has one. */
function groupsOf(pairs: PairedOutcomes['pairs'], questions: Suite | null): Int32Array | null {
  if (questions === null) return null;
  const groups = new Map(questions.items.map(({ id, group }) => [id, group]));
  return groupNumbers(pairs.map(([{ item }]) => groups.get(item) ?? null));
}
