/** What was measured of each run: task by task, checkpoint by checkpoint. */
import { UserError } from '../error/index.ts';
import type { ItemGroups, OutcomeQuery, StatusRow, Store } from '../store/index.ts';
import { compareText } from './compare-text.ts';
import { factsByName, runByName } from './known-checkpoint.ts';
import { resolveSuite } from './known-suite.ts';
import { keptSuite } from './measured-suite.ts';
import { isOfSampling, type OutcomeChoice, refuseEmptyChoice } from './outcome-choice.ts';
import type { JobContext } from './progress.ts';
import { stageRank } from './stage-rank.ts';
import { findGaps, type StatusGap } from './status-gaps.ts';
import {
  clusteredError,
  countsOf,
  type PassAt,
  passAtOf,
  type PassAtRequest,
  readCounts,
} from './status-spread.ts';

export type { PassAt, PassAtRequest, StatusGap };

export type StatusRequest = OutcomeChoice & {
  /** A suite's folder, its name in the store, or a value of the column `suite` of records; null: all. */
  readonly suite: string | null;
  readonly tasks: readonly string[] | null;
  /** Null: not asked for. @default null */
  readonly passAt?: PassAtRequest | null;
};

/** A task at a checkpoint, measured; the error takes groups of the suite's items as clusters, where the store knows them. */
export type MeasuredRow = StatusRow & {
  /** As the records or the checkpoint's id tell it. */
  readonly run: string | null;
  /** Null where only the whole task's result is known. */
  readonly samplesPerItem: number | null;
  /** One entry a `k` that was asked for. */
  readonly passAt: readonly PassAt[];
};

export type StatusReport = {
  readonly tasks: readonly MeasuredRow[];
  readonly gaps: readonly StatusGap[];
};

/**
 * What was measured: task × checkpoint × filter, in the order of training within a task, and what was not.
 *
 * @throws UserError for a task that there is none of, and for a choice that nothing measured has.
 */
export async function status(
  store: Store,
  request: StatusRequest,
  context: JobContext,
): Promise<StatusReport> {
  const suite = request.suite === null ? null : await findSuite(store, request.suite, context);
  await checkTasks(store, suite, request.tasks);
  const within = {
    ...(suite === null ? {} : { suite: suite.name }),
    ...(request.tasks === null ? {} : { tasks: request.tasks }),
  };
  const query: OutcomeQuery = {
    ...within,
    ...(request.source === null ? {} : { source: request.source }),
    ...(request.filter === null ? {} : { filter: request.filter }),
  };
  const chosen = await store.outcomes.status(query);
  const rows = chosen.filter((row) => isOfSampling(row, request));
  if (rows.length === 0) {
    const about = suite === null ? 'this store' : `suite \`${suite.name}\``;
    await refuseEmptyChoice(store, within, request, about);
  }
  const checkpoints = await readCheckpoints(store);
  const order = new Map(checkpoints.map(({ checkpoint }, index) => [checkpoint, index]));
  const sorted = rows.sort(
    (a, b) =>
      compareText(a.suite, b.suite) ||
      compareText(a.task, b.task) ||
      (order.get(a.checkpoint) ?? 0) - (order.get(b.checkpoint) ?? 0) ||
      compareText(a.filter ?? '', b.filter ?? ''),
  );
  const runs = new Map(checkpoints.map(({ checkpoint, run }) => [checkpoint, run]));
  const described = sorted.map((row) => ({
    ...row,
    run: runs.get(row.checkpoint) ?? null,
    step: row.step ?? factsByName(row.checkpoint).step,
    samplesPerItem: row.items === 0 ? null : row.samples / row.items,
    passAt: [],
  }));
  const tasks = await withSpread(store, { query, rows: described, request }, context);
  return { tasks, gaps: findGaps(rows, checkpoints) };
}

type KnownCheckpoint = { readonly checkpoint: string; readonly run: string | null };

/** Those that there are outcomes of, in the order of training. */
async function readCheckpoints(store: Store): Promise<KnownCheckpoint[]> {
  const facts = (await store.outcomes.checkpoints()).map((known) => {
    const named = factsByName(known.checkpoint);
    return {
      checkpoint: known.checkpoint,
      run: known.run ?? runByName(known.checkpoint),
      rank: stageRank(known.stage ?? named.stage),
      step: known.step ?? named.step ?? -1,
    };
  });
  return facts.sort(
    (a, b) => a.rank - b.rank || a.step - b.step || compareText(a.checkpoint, b.checkpoint),
  );
}

type Described = {
  readonly query: OutcomeQuery;
  readonly rows: readonly MeasuredRow[];
  readonly request: StatusRequest;
};

/** Counts question by question are read only where something needs them. */
async function withSpread(
  store: Store,
  { query, rows, request: { passAt = null } }: Described,
  context: JobContext,
): Promise<readonly MeasuredRow[]> {
  const suites = [...new Set(rows.map(({ suite }) => suite))];
  const groups = await readGroups(store, suites, context);
  if (passAt === null && groups.size === 0) return rows;
  // One suite's counts are read alone where only it has groups.
  const [only] = passAt === null && groups.size === 1 ? groups.keys() : [];
  const cells = await readCounts(
    store,
    only === undefined ? query : { ...query, suite: only },
    groups,
  );
  const done = rows.map((row) => {
    const counted = countsOf(cells, row);
    const isGrouped = row.items > 1 && groups.has(row.suite);
    return {
      ...row,
      standardError: isGrouped ? clusteredError(counted) : row.standardError,
      passAt: passAt === null ? [] : passAtOf(row, counted, passAt),
    };
  });
  if (passAt !== null) notePassAt(done, passAt, context);
  return done;
}

/** Of the suites that the store keeps and that declare some. */
export async function readGroups(
  store: Store,
  suites: readonly string[],
  context: JobContext,
): Promise<ItemGroups> {
  const known = new Map<string, ReadonlyMap<string, string>>();
  for (const name of suites) {
    const { questions } = await keptSuite(store, name, context);
    const items = (questions?.items ?? []).flatMap(({ id, group }) =>
      group === null ? [] : [[id, group] as const],
    );
    if (items.length > 0) known.set(name, new Map(items));
  }
  return known;
}

function notePassAt(
  rows: readonly MeasuredRow[],
  { ks, shrink }: PassAtRequest,
  { note }: JobContext,
): void {
  for (const [index, k] of ks.entries()) {
    const left = rows.filter(({ passAt }) => (passAt[index]?.leftOut ?? 0) > 0);
    const questions = left.reduce((sum, { passAt }) => sum + (passAt[index]?.leftOut ?? 0), 0);
    if (questions === 0) continue;
    note(
      `pass@${k}: left out: ${questions} questions, in ${left.length} rows, with fewer than ${k} answers or with parts of answers`,
    );
  }
  const counts = rows.filter(({ kind, items }) => kind === 'count' && items > 0);
  const without = counts.filter(({ passAt }) => passAt.some(({ shrunk }) => shrunk === null));
  if (!shrink || without.length === 0) return;
  note(
    `--shrink: no prior in ${without.length} rows: no question has two answers, or all are right, or all wrong`,
  );
}

/** A suite with the tasks that its questions name; none where only outcomes are known. */
type FoundSuite = { readonly name: string; readonly tasks: readonly string[] };

async function findSuite(
  store: Store,
  reference: string,
  context: JobContext,
): Promise<FoundSuite> {
  const known = await store.outcomes.tasks();
  if (known.some(({ suite }) => suite === reference)) return { name: reference, tasks: [] };
  const { name, tasks } = await resolveSuite(store, { suite: reference, tasks: null }, context);
  return { name, tasks: [...tasks.keys()] };
}

async function checkTasks(
  store: Store,
  suite: FoundSuite | null,
  asked: readonly string[] | null,
): Promise<void> {
  if (asked === null) return;
  const measured = await store.outcomes.tasks(suite === null ? {} : { suite: suite.name });
  const known = [...new Set([...measured.map(({ task }) => task), ...(suite?.tasks ?? [])])].sort();
  const unknown = asked.find((task) => !known.includes(task));
  // In an empty store there is nothing that a name could be wrong about.
  if (unknown === undefined || known.length === 0) return;
  const where = suite === null ? 'the store' : `suite \`${suite.name}\``;
  throw new UserError(
    `--tasks: expected tasks of ${where} (${known.join(', ')}), got \`${unknown}\``,
  );
}
