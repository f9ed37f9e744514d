/** One question with everything that is known of it. */
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
import { stageRank } from './stage-rank.ts';

export type ShowItemRequest = {
  readonly item: string;
  /** Null: all that have such an item. */
  readonly suite: string | null;
  /** Null: all. */
  readonly checkpoints: readonly string[] | null;
};

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
export async function showItem(store: Store, request: ShowItemRequest): Promise<ShownItem> {
  const query = {
    items: [request.item],
    ...(request.suite === null ? {} : { suite: request.suite }),
    ...(request.checkpoints === null ? {} : { checkpoints: request.checkpoints }),
  };
  const outcomes = await store.outcomes.list(query);
  const questions = await findQuestions(store, request);
  if (outcomes.length === 0 && questions.length === 0) throw await unknownItem(store, request);
  const sampled = (await store.answers.list(query)).map(fromSampled);
  const counting = new Set((await store.outcomes.checkpoints()).map((one) => one.checkpoint));
  const logged = (await store.logAnswers.list(query))
    // The log may have been found to be about another checkpoint.
    .filter(({ checkpoint }) => counting.has(checkpoint))
    .map(fromLog);
  return {
    item: request.item,
    questions,
    outcomes: outcomes.sort(inTraining),
    answers: [...logged, ...sampled],
    predictions: await store.predictions.list(query),
  };
}

async function findQuestions(
  store: Store,
  { item, suite }: ShowItemRequest,
): Promise<ShownItem['questions']> {
  const questions: (Item & { suite: string })[] = [];
  for (const { name, dir } of await store.suites.list()) {
    if (suite !== null && name !== suite) continue;
    const found = (await loadSuite(dir)).items.find(({ id }) => id === item);
    if (found !== undefined) questions.push({ suite: name, ...found });
  }
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
