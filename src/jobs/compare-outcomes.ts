/** What was measured of two checkpoints, task by task. */
import { UserError } from '../error/index.ts';
import type { OutcomeRecord } from '../outcomes/index.ts';
import type { OutcomeQuery, Store } from '../store/index.ts';
import type { ItemOutcome } from './compare-pairs.ts';
import { compareText } from './compare-text.ts';
import type { MeasuredSuite } from './measured-suite.ts';
import {
  isOfPrimaryFilter,
  isOfSampling,
  type OutcomeChoice,
  refuseEmptyChoice,
} from './outcome-choice.ts';
import type { JobContext } from './progress.ts';

type OutcomesRequest = OutcomeChoice & {
  /** Null: all. */
  readonly tasks: readonly string[] | null;
};

/** What was measured of one task at one of the two. */
export type Side = {
  readonly items: ItemOutcome[];
  /** Results of the whole task. */
  readonly wholes: ItemOutcome[];
};

export type MeasuredTask = {
  readonly suite: MeasuredSuite;
  readonly task: string;
  readonly sides: readonly [a: Side, b: Side];
};

type Wanted = {
  readonly ids: readonly [string, string];
  readonly suites: readonly MeasuredSuite[];
  readonly request: OutcomesRequest;
};

/** Everything that counts of both, in the order of suites and tasks. */
export async function readTasks(
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

function newTask(suite: MeasuredSuite, task: string): MeasuredTask {
  const side = (): Side => ({ items: [], wholes: [] });
  return { suite, task, sides: [side(), side()] };
}

function isWanted(
  record: OutcomeRecord,
  { questions }: MeasuredSuite,
  request: OutcomesRequest,
): boolean {
  const isPrimary = questions === null || isOfPrimaryFilter(record, questions, request);
  return isPrimary && isOfSampling(record, request);
}

/** A record with only a loss says nothing of right answers. Only what is needed is kept: there may be many records. */
function addRecord(side: Side, record: OutcomeRecord): void {
  const { item, k, n, kind, filter, temperature, topP, render, promptSha256 } = record;
  const { fewShot, chatTemplate, documentHash, targetHash } = record;
  if (k === null || n === null) return;
  const outcome = {
    ...{ item: item ?? '', k, n, kind, filter, temperature, topP, render, promptSha256 },
    ...{ fewShot, chatTemplate, documentHash, targetHash },
  };
  (item === null ? side.wholes : side.items).push(outcome);
}

type Unmeasured = {
  readonly ids: readonly [string, string];
  readonly measured: readonly MeasuredTask[];
  readonly suite: MeasuredSuite | null;
  readonly request: OutcomesRequest;
};

/** One of the two without any outcome is told apart from two without a common question. */
export async function refuseUnmeasured(
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

function isKnown({ items, wholes }: Side): boolean {
  return items.length + wholes.length > 0;
}
