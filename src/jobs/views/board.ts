/** What a store holds, put together once for everything that shows it. */
import { UserError } from '../../error/index.ts';
import type { EstimateRecord, Store, StoredFacts } from '../../store/index.ts';
import { loadSuite } from '../../suite/index.ts';
import type { Checkpoint, Gap, Measured } from '../../wire/index.ts';
import { compareText } from '../compare-text.ts';
import { groupBy } from '../group-by.ts';
import { anyOutcomes } from '../outcome-choice.ts';
import type { JobContext } from '../progress.ts';
import { type MeasuredRow, status, type StatusReport } from '../status.ts';
import { readRuns, type RunCheckpoints } from './checkpoints.ts';
import { type Series, seriesOf } from './estimates.ts';
import { chooseMeasured, mainFilter } from './measured.ts';

export type BoardTask = {
  readonly suite: string;
  readonly task: string;
  readonly chance: number | null;
  readonly items: number;
  readonly filters: readonly string[];
  /** The filter that stands for the task. */
  readonly filter: string | null;
  /** By checkpoint. */
  readonly measured: ReadonlyMap<string, Measured>;
  readonly series: readonly Series[];
};

export type BoardRun = RunCheckpoints & {
  /** Null where no file is about this run alone. */
  readonly updatedAt: Date | null;
};

export type Board = {
  /** The one that changed last first; those of which that is not known last, by name. */
  readonly runs: readonly BoardRun[];
  readonly checkpoints: ReadonlyMap<string, Checkpoint>;
  /** In the order of suites and tasks. */
  readonly tasks: readonly BoardTask[];
  readonly gaps: readonly Gap[];
};

/** What outcomes alone tell of a board: millions of records behind some thousand rows. */
export type MeasuredBoard = {
  readonly report: StatusReport;
  /** Of checkpoints. */
  readonly facts: readonly StoredFacts[];
  readonly taskFacts: ReadonlyMap<string, TaskFacts>;
};

export async function readMeasuredBoard(given: Store, context: JobContext): Promise<MeasuredBoard> {
  // Several readers ask what outcomes say of their checkpoints: one look through the records is enough.
  const asked = given.outcomes.checkpoints();
  const store = withFacts(given, asked);
  const request = { suite: null, tasks: null, ...anyOutcomes };
  const [report, facts, known] = await Promise.all([
    status(store, request, context),
    asked,
    taskFacts(store, context),
  ]);
  return { report, facts, taskFacts: known };
}

/** Everything but single questions. */
export async function readBoard(
  given: Store,
  { report, facts: known, taskFacts: facts }: MeasuredBoard,
  context: JobContext,
): Promise<Board> {
  const store = withFacts(given, Promise.resolve([...known]));
  const { tasks: rows, gaps } = report;
  const [runs, estimates, probes] = await Promise.all([
    readRuns(store, context),
    store.estimates.list(),
    store.probes.list(),
  ]);
  const checkpoints = new Map(
    runs.flatMap((run) => run.checkpoints.map((one) => [one.checkpoint, one] as const)),
  );
  const records = groupBy(estimates, taskKey);
  const measured = groupBy(rows, taskKey);
  const tasks = [...new Set([...measured.keys(), ...records.keys()])].map((key) =>
    describeTask(
      { rows: measured.get(key) ?? [], records: records.get(key) ?? [], facts: facts.get(key) },
      { checkpoints, probes },
    ),
  );
  return {
    runs: await inOrderOfChange(store, runs),
    checkpoints,
    tasks: tasks.sort((a, b) => compareText(a.suite, b.suite) || compareText(a.task, b.task)),
    gaps,
  };
}

/** The store with what was read of all checkpoints already. */
function withFacts(store: Store, known: ReturnType<Store['outcomes']['checkpoints']>): Store {
  const checkpoints: Store['outcomes']['checkpoints'] = (query) =>
    query === undefined ? known : store.outcomes.checkpoints(query);
  return { ...store, outcomes: { ...store.outcomes, checkpoints } };
}

function taskKey({ suite, task }: { readonly suite: string; readonly task: string }): string {
  return JSON.stringify([suite, task]);
}

export type TaskFacts = { readonly chance: number | null; readonly declared: string | null };

/** Of outcomes, and of the suites that the store keeps. */
async function taskFacts(store: Store, context: JobContext): Promise<Map<string, TaskFacts>> {
  const facts = new Map<string, TaskFacts>();
  for (const { suite, task, chance } of await store.outcomes.chances()) {
    facts.set(taskKey({ suite, task }), { chance, declared: null });
  }
  for (const { name, dir } of await listSuites(store, context)) {
    for (const task of (await loadSuite(dir)).tasks.values()) {
      const key = taskKey({ suite: name, task: task.name });
      facts.set(key, { chance: task.chance, declared: task.filter });
    }
  }
  return facts;
}

/** A damaged copy is no reason to show nothing. */
async function listSuites(
  store: Store,
  { note }: JobContext,
): Promise<readonly { readonly name: string; readonly dir: string }[]> {
  try {
    return await store.suites.list();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    note(error.message);
    return [];
  }
}

type TaskRows = {
  readonly rows: readonly MeasuredRow[];
  readonly records: readonly EstimateRecord[];
  readonly facts: TaskFacts | undefined;
};

function describeTask(
  { rows, records, facts }: TaskRows,
  about: Parameters<typeof seriesOf>[1],
): BoardTask {
  const [first] = [...rows, ...records];
  if (first === undefined) throw new Error('board: a task of no rows');
  const { suite, task } = first;
  const filter = mainFilter(rows, facts?.declared ?? null);
  const known = Math.max(0, ...rows.map(({ items }) => items));
  const filters = [...new Set(rows.flatMap((row) => row.filter ?? []))].sort(compareText);
  return {
    ...{ suite, task, filter, filters },
    chance: facts?.chance ?? null,
    items: known > 0 ? known : Math.max(0, ...records.map(({ items }) => items)),
    measured: chooseMeasured(rows, filter),
    series: seriesOf(records, about),
  };
}

async function inOrderOfChange(store: Store, runs: readonly RunCheckpoints[]): Promise<BoardRun[]> {
  const dated = await Promise.all(
    runs.map(async (run) => ({ ...run, updatedAt: await store.changedAt(run.run) })),
  );
  return dated.sort(
    (a, b) =>
      (b.updatedAt?.getTime() ?? 0) - (a.updatedAt?.getTime() ?? 0) || compareText(a.run, b.run),
  );
}
