/** Questions with everything that is known of them. */
import { UserError } from '../error/index.ts';
import type {
  AnswerRecord,
  LogAnswerRecord,
  PredictionRecord,
  Store,
  StoredOutcome,
} from '../store/index.ts';
import { type Item, loadSuite } from '../suite/index.ts';
import { compareText } from './compare-text.ts';
import { groupBy } from './group-by.ts';
import { stageRank } from './stage-rank.ts';

type ItemScope = {
  /** Null: all that have such an item. */
  readonly suite: string | null;
  /** Null: all. */
  readonly checkpoints: readonly string[] | null;
};

export type ShowItemRequest = ItemScope & { readonly item: string };

export type ShowItemsRequest = ItemScope & { readonly items: readonly string[] };

/** One answer, sampled by Sonde or out of a log. */
export type ShownAnswer = {
  readonly suite: string;
  readonly checkpoint: string;
  readonly source: string;
  readonly filter: string | null;
  readonly sample: number;
  readonly answer: string;
  readonly extracted: string | null;
  readonly grade: number | null;
};

export type ShownItem = {
  readonly item: string;
  /** The question as suites of the store ask it. */
  readonly questions: readonly (Item & { readonly suite: string })[];
  readonly outcomes: readonly StoredOutcome[];
  readonly answers: readonly ShownAnswer[];
  readonly predictions: readonly PredictionRecord[];
};

/** @throws UserError where the store knows no such item. */
export async function showItem(
  store: Store,
  { item, ...scope }: ShowItemRequest,
): Promise<ShownItem> {
  const [shown] = await showItems(store, { items: [item], ...scope });
  if (shown === undefined) throw await unknownItem(store, { item, ...scope });
  return shown;
}

/** In the order of the request, without those that the store does not know; what is known of all is read at once. */
export async function showItems(
  store: Store,
  { items, suite, checkpoints }: ShowItemsRequest,
): Promise<ShownItem[]> {
  const query = {
    items,
    ...(suite === null ? {} : { suite }),
    ...(checkpoints === null ? {} : { checkpoints }),
  };
  const outcomes = groupBy((await store.outcomes.list(query)).sort(inTraining), itemOf);
  const questions = await findQuestions(store, { items, suite });
  const known = items.filter((item) => outcomes.has(item) || questions.has(item));
  if (known.length === 0) return [];
  const sampled = groupBy(await store.answers.list(query), itemOf);
  const counting = new Set((await store.outcomes.checkpoints()).map((one) => one.checkpoint));
  // The log may have been found to be about another checkpoint.
  const isCounting = ({ checkpoint }: LogAnswerRecord): boolean => counting.has(checkpoint);
  const logged = groupBy((await store.logAnswers.list(query)).filter(isCounting), itemOf);
  const predictions = groupBy(await store.predictions.list(query), itemOf);
  return known.map((item) => ({
    item,
    questions: questions.get(item) ?? [],
    outcomes: outcomes.get(item) ?? [],
    answers: [
      ...(logged.get(item) ?? []).map(fromLog),
      ...(sampled.get(item) ?? []).map(fromSampled),
    ],
    predictions: predictions.get(item) ?? [],
  }));
}

function itemOf({ item }: { readonly item: string | null }): string {
  return item ?? '';
}

type AskedQuestion = ShownItem['questions'][number];

async function findQuestions(
  store: Store,
  { items, suite }: Pick<ShowItemsRequest, 'items' | 'suite'>,
): Promise<Map<string, AskedQuestion[]>> {
  const questions = new Map<string, AskedQuestion[]>(items.map((item) => [item, []]));
  for (const { name, dir } of await store.suites.list()) {
    if (suite !== null && name !== suite) continue;
    for (const item of (await loadSuite(dir)).items) {
      questions.get(item.id)?.push({ suite: name, ...item });
    }
  }
  for (const [item, asked] of questions) if (asked.length === 0) questions.delete(item);
  return questions;
}

function fromSampled(record: AnswerRecord): ShownAnswer {
  const { suite, checkpoint, source, sample, answer, grade } = record;
  return { suite, checkpoint, source, filter: null, sample, answer, extracted: null, grade };
}

function fromLog(record: LogAnswerRecord): ShownAnswer {
  const { suite, checkpoint, source, filter, sample, answer, extracted, grade } = record;
  return { suite, checkpoint, source, filter, sample, answer, extracted, grade };
}

function inTraining(a: StoredOutcome, b: StoredOutcome): number {
  return (
    compareText(a.suite, b.suite) ||
    stageRank(a.stage) - stageRank(b.stage) ||
    (a.step ?? -1) - (b.step ?? -1) ||
    compareText(a.checkpoint, b.checkpoint) ||
    compareText(a.filter ?? '', b.filter ?? '')
  );
}

/** An unknown id is often a known one in other words: what ids look like is shown. */
async function unknownItem(store: Store, { item, suite }: ShowItemRequest): Promise<UserError> {
  const within = suite === null ? {} : { suite };
  const tasks = (await store.outcomes.tasks(within)).filter(({ items }) => items > 0);
  const task = tasks.find((one) => item.startsWith(one.task)) ?? tasks[0];
  const examples = task === undefined ? [] : await someItems(store, { ...within, task: task.task });
  const known =
    task === undefined
      ? `the store ${store.dir} has outcomes of no question yet`
      : `those of task \`${task.task}\` are ${examples.map((id) => `\`${id}\``).join(', ')}${task.items > examples.length ? ', …' : ''}${tasks.length > 1 ? `; there are ${tasks.length - 1} other tasks with questions` : ''}`;
  return new UserError(
    `show: expected the id of a question that the store knows, got \`${item}\` (${known})`,
  );
}

const mostExamples = 3;

async function someItems(
  store: Store,
  { task, ...within }: { readonly suite?: string; readonly task: string },
): Promise<string[]> {
  const ids = new Set<string>();
  for await (const batch of store.outcomes.stream({ ...within, tasks: [task] })) {
    for (const { item } of batch) if (item !== null) ids.add(item);
    if (ids.size >= mostExamples) break;
  }
  return [...ids].sort(compareText).slice(0, mostExamples);
}
