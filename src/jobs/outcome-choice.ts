import { UserError } from '../error/index.ts';
import {
  describeJoin,
  isLabelSource,
  joinOutcomes,
  type OutcomeJoin,
  type OutcomeRecord,
} from '../outcomes/index.ts';
import type { OutcomeQuery, Store } from '../store/index.ts';
import type { Render, Suite } from '../suite/index.ts';
import type { JobContext } from './progress.ts';

/** Which of the stored outcomes count where there are several. */
export type OutcomeChoice = {
  /** Null: imported outcomes before labelled ones. */
  readonly source: string | null;
  /** Null: the task's declared primary filter, else the only one there is. */
  readonly filter: string | null;
  /** Null: the only temperature there is. */
  readonly temperature: number | null;
  /** Null: the only top-p there is. */
  readonly topP: number | null;
};

/** No choice: enough where each question was measured in one way. */
export const anyOutcomes: OutcomeChoice = {
  source: null,
  filter: null,
  temperature: null,
  topP: null,
};

/** Right answers and answers per item, in the order of the suite; n = 0 where there are none. */
export type ItemCounts = {
  readonly k: Float64Array;
  readonly n: Float64Array;
  /** How the outcomes were joined to the questions, for `noteJoins`. */
  readonly join: OutcomeJoin;
};

/** Outcomes of the suite's questions at one checkpoint. A mean score counts as that share of its answers. */
export async function readItemCounts(
  store: Store,
  { suite, checkpoint, render }: { suite: Suite; checkpoint: string; render: Render },
  choice: OutcomeChoice,
): Promise<ItemCounts> {
  const query: OutcomeQuery = {
    tasks: [...suite.tasks.keys()],
    checkpoints: [checkpoint],
    ...(choice.source === null ? {} : { source: choice.source }),
    ...(choice.filter === null ? {} : { filter: choice.filter }),
  };
  const records = (await store.outcomes.list(query)).filter(
    (record) => isOfPrimaryFilter(record, suite, choice) && isOfSampling(record, choice),
  );
  const join = joinOutcomes(suite, records, render);
  const joined = join.byCheckpoint.get(checkpoint) ?? new Map<string, OutcomeRecord>();
  const k = new Float64Array(suite.items.length);
  const n = new Float64Array(suite.items.length);
  suite.items.forEach(({ id }, index) => {
    const record = joined.get(id);
    if (record?.k == null || record.n === null) return;
    n[index] = record.n;
    k[index] = record.kind === 'score' ? record.k * record.n : record.k;
  });
  return { k, n, join };
}

/** Whether a record stands under its task’s declared filter, where one is declared and none was asked for. */
export function isOfPrimaryFilter(
  record: OutcomeRecord,
  suite: Suite,
  choice: OutcomeChoice,
): boolean {
  const primary = suite.tasks.get(record.task)?.filter ?? null;
  const isPrimary = primary === null || record.filter === primary;
  // What Sonde sampled itself is graded by the task's own grader: no harness filter stands between.
  return choice.filter !== null || isPrimary || isLabelSource(record.source);
}

/** Whether a record was sampled as asked for. */
export function isOfSampling(record: OutcomeRecord, { temperature, topP }: OutcomeChoice): boolean {
  return (
    (temperature === null || record.temperature === temperature) &&
    (topP === null || record.topP === topP)
  );
}

/** Counts of a checkpoint without any outcome. */
export function noItemCounts(suite: Suite): ItemCounts {
  return {
    k: new Float64Array(suite.items.length),
    n: new Float64Array(suite.items.length),
    join: joinOutcomes(suite, [], 'prompt'),
  };
}

/** As `readItemCounts`; no outcome at all is the user's mistake. */
export async function requireItemCounts(
  ...[store, about, choice]: Parameters<typeof readItemCounts>
): Promise<ItemCounts> {
  const counts = await readItemCounts(store, about, choice);
  if (counts.n.some((answers) => answers > 0)) return counts;
  const from = describeChoice(choice);
  throw new UserError(
    `\`${about.checkpoint}\`: expected outcomes of suite \`${about.suite.name}\`${from}, the store has none; import them (sonde import FILE) or sample them (sonde label ${about.checkpoint} --suite ${about.suite.name})`,
  );
}

function describeChoice({ source, filter, temperature, topP }: OutcomeChoice): string {
  const parts = { source, filter, temperature, 'top-p': topP };
  return Object.entries(parts)
    .flatMap(([name, value]) => (value === null ? [] : [` with ${name} \`${value}\``]))
    .join('');
}

/** Says how outcomes were joined to questions, over all checkpoints together. */
export function noteJoins(counts: readonly ItemCounts[], { note }: JobContext): void {
  const total = (
    field: 'joinedByName' | 'joinedByHash' | 'acrossRenderings' | 'taskLevel',
  ): number => counts.reduce((sum, { join }) => sum + join[field], 0);
  const sentences = describeJoin({
    byCheckpoint: new Map(),
    joinedByName: total('joinedByName'),
    joinedByHash: total('joinedByHash'),
    acrossRenderings: total('acrossRenderings'),
    taskLevel: total('taskLevel'),
    refused: counts.flatMap(({ join }) => join.refused),
  });
  for (const sentence of sentences) note(sentence);
}
