/** Outcomes from the store into a table: joined to the suite's questions where there are any. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../error/index.ts';
import {
  describeJoin,
  joinOutcomes,
  type OutcomeJoin,
  type OutcomeRecord,
} from '../../outcomes/index.ts';
import type { OutcomeQuery, Store } from '../../store/index.ts';
import { loadSuite, type Render, type Suite } from '../../suite/index.ts';
import { resolveSuite } from '../known-suite.ts';
import {
  isOfPrimaryFilter,
  isOfSampling,
  type OutcomeChoice,
  refuseEmptyChoice,
} from '../outcome-choice.ts';
import type { JobContext } from '../progress.ts';
import { createOutcomeTable, type OutcomeTable } from './outcome-table.ts';

/** A suite by name, and its questions where the store or a folder has them: forecasts need only outcomes. */
export type ForecastSuite = { readonly name: string; readonly questions: Suite | null };

/**
 * A suite's folder, a suite of the store, or a value of the column `suite` of outcome records.
 *
 * @throws UserError where it is none of them.
 */
export async function resolveForecastSuite(
  store: Store,
  reference: string,
  context: JobContext,
): Promise<ForecastSuite> {
  const folder = context.resolve(reference);
  const isSuiteFolder = (await stat(join(folder, 'suite.yaml')).catch(() => null)) !== null;
  const kept = isSuiteFolder ? null : await store.suites.find(reference);
  if (isSuiteFolder || kept !== null) {
    const questions =
      kept === null
        ? await resolveSuite(store, { suite: reference, tasks: null }, context)
        : await loadSuite(kept);
    return { name: questions.name, questions };
  }
  const measured = [...new Set((await store.outcomes.tasks()).map(({ suite }) => suite))];
  if (measured.includes(reference)) return { name: reference, questions: null };
  const known =
    measured.length === 0
      ? 'it has no outcomes yet, import them with sonde import FILE'
      : `its outcomes are of ${measured.join(', ')}`;
  throw new UserError(
    `--suite: expected a folder with suite.yaml and items.jsonl, a suite of the store, or one that its outcomes name, got \`${reference}\` (the store is ${store.dir}; ${known})`,
  );
}

export type OutcomesWanted = {
  readonly suite: ForecastSuite;
  /** What cannot be decided of these is the user's mistake. */
  readonly ladder: readonly string[];
  /** Targets and anchors: what cannot be decided of these is not used. */
  readonly others: readonly string[];
  readonly render: Render;
};

/**
 * Reads the outcomes of some checkpoints in one query.
 *
 * @throws UserError where a choice leaves nothing of the ladder's outcomes.
 */
export async function readOutcomes(
  store: Store,
  wanted: OutcomesWanted,
  choice: OutcomeChoice,
  context: JobContext,
): Promise<OutcomeTable> {
  const table = await readTable(store, wanted, choice, context);
  const { suite, ladder } = wanted;
  const isFound = [...table.tasks.values()].some(({ at }) => ladder.some((id) => at.has(id)));
  if (isFound || ladder.length === 0) return table;
  const { questions, name } = suite;
  const within = questions === null ? { suite: name } : { tasks: [...questions.tasks.keys()] };
  const about = `suite \`${name}\` at these models`;
  await refuseEmptyChoice(store, { checkpoints: ladder, ...within }, choice, about);
  return table;
}

async function readTable(
  store: Store,
  wanted: OutcomesWanted,
  choice: OutcomeChoice,
  context: JobContext,
): Promise<OutcomeTable> {
  const { suite, ladder, others } = wanted;
  const query: OutcomeQuery = {
    checkpoints: [...new Set([...ladder, ...others])],
    ...(choice.source === null ? {} : { source: choice.source }),
    ...(choice.filter === null ? {} : { filter: choice.filter }),
  };
  if (suite.questions === null) {
    return readByName(store, { ...query, suite: suite.name }, choice, context);
  }
  const tasks = [...suite.questions.tasks.keys()];
  const records: OutcomeRecord[] = [];
  for await (const batch of store.outcomes.stream({ ...query, tasks })) {
    context.signal.throwIfAborted();
    records.push(...batch.filter((record) => isOfSampling(record, choice)));
  }
  return joinQuestions({ ...wanted, questions: suite.questions }, records, choice, context);
}

async function readByName(
  store: Store,
  query: OutcomeQuery & { suite: string },
  choice: OutcomeChoice,
  { signal }: JobContext,
): Promise<OutcomeTable> {
  const table = createOutcomeTable(query.suite);
  for await (const batch of store.outcomes.stream(query)) {
    signal.throwIfAborted();
    for (const record of batch) if (isOfSampling(record, choice)) table.add(record);
  }
  return table.build();
}

/** Records of the questions, and those of whole tasks that name the suite. */
function joinQuestions(
  { questions, ladder, others, render }: OutcomesWanted & { questions: Suite },
  records: readonly OutcomeRecord[],
  choice: OutcomeChoice,
  { note }: JobContext,
): OutcomeTable {
  const table = createOutcomeTable(questions.name);
  const primary = records.filter((record) => isOfPrimaryFilter(record, questions, choice));
  for (const record of primary) {
    if (record.item === null && record.suite === questions.name) table.add(record);
  }
  const ofLadder = new Set(ladder);
  const items = primary.filter(({ item }) => item !== null);
  const joined = joinOutcomes(
    questions,
    items.filter(({ checkpoint }) => ofLadder.has(checkpoint)),
    render,
    choice.across,
  );
  for (const sentence of describeJoin(joined)) note(sentence);
  addJoined(table.add, joined);
  for (const id of others) {
    if (ofLadder.has(id)) continue;
    const own = items.filter(({ checkpoint }) => checkpoint === id);
    try {
      addJoined(table.add, joinOutcomes(questions, own, render, choice.across));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      note(`${id}: its outcomes are not used: ${error.message}`);
    }
  }
  return table.build();
}

function addJoined(add: (record: OutcomeRecord) => void, { byCheckpoint }: OutcomeJoin): void {
  for (const items of byCheckpoint.values()) for (const record of items.values()) add(record);
}
