import { UserError } from '../error/index.ts';
import { benjaminiHochberg, holm } from '../estimate/index.ts';
import type { Across } from '../outcomes/index.ts';
import type { Store } from '../store/index.ts';
import {
  type ComparisonExclusion,
  noteComparisonExclusions,
  nothingShared,
} from './compare-notes.ts';
import { readTasks, refuseUnmeasured } from './compare-outcomes.ts';
import {
  compareApart,
  compareOnPairs,
  type ComparedTask,
  type TaskComparison,
} from './compare-task.ts';
import { compareText } from './compare-text.ts';
import { noteAcross } from './first-difference.ts';
import { resolveCheckpoints } from './known-checkpoint.ts';
import { unchosenTasks } from './compare-unchosen.ts';
import {
  checkTasks,
  findSuite,
  keptSuite,
  type MeasuredSuite,
  measuredSuites,
} from './measured-suite.ts';
import { describeChoice, type OutcomeChoice } from './outcome-choice.ts';
import type { ComparedQuestion } from '../wire/index.ts';
import type { JobContext } from './progress.ts';

export type { ComparedQuestion, ComparedTask };

export type CompareRequest = OutcomeChoice & {
  /** Ids or folders of two checkpoints. */
  readonly a: string;
  readonly b: string;
  /** A suite's folder, its name in the store, or a value of the column `suite` of records; null: all. */
  readonly suite: string | null;
  /** Null: all. */
  readonly tasks: readonly string[] | null;
  /** Compare whichever questions each was asked, and results of whole tasks. @default false */
  readonly unpaired?: boolean;
  /** List so many of the questions that changed most. @default 0 */
  readonly flips?: number;
};

export type CompareReport = {
  readonly a: string;
  readonly b: string;
  readonly level: number;
  /** Whether both were measured on the same questions. */
  readonly paired: boolean;
  /** Differences across which outcomes were joined. */
  readonly across: readonly Across[];
  readonly tasks: readonly ComparedTask[];
  readonly exclusions: readonly ComparisonExclusion[];
  /** The questions that changed most, as many as were asked for. */
  readonly flips: readonly ComparedQuestion[];
};

const level = 0.95;

/**
 * The difference of two checkpoints on every task that both were measured on: paired, joined by suite, task and item,
 * unless told otherwise.
 *
 * @throws UserError for a checkpoint, suite or task that is not known, and where no question is shared.
 */
export async function compare(
  store: Store,
  request: CompareRequest,
  context: JobContext,
): Promise<CompareReport> {
  checkRequest(request);
  const suite = request.suite === null ? null : await findSuite(store, request.suite, context);
  await checkTasks(store, suite, request.tasks);
  const [first, second] = await resolveCheckpoints(store, [request.a, request.b], context, {
    suite: suite?.name ?? null,
    option: 'compare',
  });
  if (first === undefined || second === undefined) throw new Error('compare: no two checkpoints');
  return await compareMeasured(store, { ids: [first.id, second.id], suite, request }, context);
}

/**
 * The same for names that somebody else sends: `a`, `b` and `suite` are what outcomes name, never folders, and nothing
 * is registered.
 *
 * @throws UserError for a checkpoint, suite or task that there are no outcomes of, and where no question is shared.
 */
export async function compareStored(
  store: Store,
  request: CompareRequest,
  context: JobContext,
): Promise<CompareReport> {
  checkRequest(request);
  const [ids, known] = [[request.a, request.b] as const, await store.outcomes.checkpoints()];
  const unknown = ids.find((id) => !known.some(({ checkpoint }) => checkpoint === id));
  if (unknown !== undefined) {
    throw new UserError(`compare: there are no outcomes of a checkpoint \`${unknown}\``);
  }
  if (request.suite === null) {
    return await compareMeasured(store, { ids, suite: null, request }, context);
  }
  const suite = await keptSuite(store, request.suite, context);
  await checkTasks(store, suite, request.tasks);
  return await compareMeasured(store, { ids, suite, request }, context);
}

function checkRequest({ unpaired = false, flips = 0 }: CompareRequest): void {
  if (unpaired && flips > 0) {
    throw new UserError(
      '--flips: expected no --unpaired: only questions that both were asked can change; leave one of the two out',
    );
  }
}

type Compared = {
  readonly ids: readonly [string, string];
  /** Null: all. */
  readonly suite: MeasuredSuite | null;
  readonly request: CompareRequest;
};

async function compareMeasured(
  store: Store,
  { ids, suite, request }: Compared,
  context: JobContext,
): Promise<CompareReport> {
  const { across, unpaired = false, flips = 0 } = request;
  const suites = suite === null ? await measuredSuites(store, ids, context) : [suite];
  const measured = await readTasks(store, { ids, suites, request }, context);
  await refuseUnmeasured(store, { ids, measured, suite, request });
  const compareTask = unpaired ? compareApart : compareOnPairs;
  const settings = { ids, level, across, chosen: describeChoice(request) };
  const compared = measured.map((task) => compareTask(task, settings));
  const exclusions = [
    ...compared.flatMap((one) => one.exclusions),
    ...(await unchosenTasks(store, { ids, suites, measured, request })),
  ];
  const tasks = adjust(compared);
  if (tasks.length === 0) throw nothingShared(ids, exclusions, unpaired);
  noteComparisonExclusions(exclusions, context);
  noteAcross(across, context);
  noteJoin(compared, unpaired, context);
  return {
    ...{ a: ids[0], b: ids[1], level, paired: !unpaired, across, tasks, exclusions },
    flips: changedMost(compared, flips),
  };
}

/** Adds the p-values that account for the number of tasks. */
export function adjust(
  compared: readonly { readonly result: TaskComparison['result'] }[],
): ComparedTask[] {
  const done = compared.flatMap(({ result }) => (result === null ? [] : [result]));
  const p = done.map((task) => task.p);
  const [strict, fdr] = [holm(p), benjaminiHochberg(p)];
  return done.map((task, index) => ({
    ...task,
    adjustedP: strict[index] ?? 1,
    fdrP: fdr[index] ?? 1,
  }));
}

function noteJoin(
  compared: readonly TaskComparison[],
  unpaired: boolean,
  { note }: JobContext,
): void {
  if (unpaired) {
    note('--unpaired: whichever questions each was asked, how hard they are does not cancel out');
  }
  const across = compared.reduce((sum, one) => sum + one.acrossRenderings, 0);
  if (across > 0) note(`${across} questions asked in another rendering joined by item id`);
}

function changedMost(compared: readonly TaskComparison[], count: number): ComparedQuestion[] {
  if (count === 0) return [];
  return compared
    .flatMap(({ questions }) => questions.filter(({ difference }) => difference !== 0))
    .sort(
      (x, y) =>
        Math.abs(y.difference) - Math.abs(x.difference) ||
        compareText(x.suite, y.suite) ||
        compareText(x.task, y.task) ||
        compareText(x.item, y.item),
    )
    .slice(0, count);
}
