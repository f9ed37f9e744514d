import type { Store } from '../../store/index.ts';
import type { ItemAnswer, ItemQuery, ShownItem } from '../../wire/index.ts';
import { showItem, showItems, type ShownItem as Known } from '../show-item.ts';
import type { Body } from './body.ts';

/** Answers a checkpoint, where nobody says how many. */
const usualAnswers = 3;

type Asked = {
  readonly query: ItemQuery;
  /** Null: all. */
  readonly checkpoints: readonly string[] | null;
};

/**
 * One question with everything that is known of it.
 *
 * @throws UserError where the store knows no such item.
 */
export async function questionOf(
  store: Store,
  item: string,
  { query, checkpoints }: Asked,
): Promise<Body<ShownItem>> {
  return toBody(await showItem(store, { item, suite: query.suite, checkpoints }), query);
}

/** The same of many, in their order, without those that the store does not know. */
export async function questionsOf(
  store: Store,
  items: readonly string[],
  { query, checkpoints }: Asked,
): Promise<Body<ShownItem>[]> {
  const shown = await showItems(store, { items, suite: query.suite, checkpoints });
  return shown.map((one) => toBody(one, query));
}

function toBody(shown: Known, query: ItemQuery): Body<ShownItem> {
  return {
    item: shown.item,
    questions: shown.questions.map(({ suite, task, prompt, messages, target, choices, group }) => ({
      ...{ suite, task, prompt, target, choices, group },
      messages: messages?.map(({ role, content }) => ({ role, content })) ?? null,
    })),
    outcomes: shown.outcomes.map(
      ({ suite, task, checkpoint, step, kind, k, n, filter, source, file }) => ({
        ...{ suite, task, checkpoint, step, kind, k, n, filter },
        source: source ?? file,
      }),
    ),
    answers: firstOf(shown.answers, query.answers ?? usualAnswers),
    answersTotal: shown.answers.length,
    predictions: shown.predictions.map(({ suite, checkpoint, probe, p }) => ({
      ...{ suite, checkpoint, probe, p },
    })),
  };
}

function firstOf(answers: readonly (ItemAnswer & { suite: string })[], most: number): ItemAnswer[] {
  const shown = new Map<string, number>();
  return answers.flatMap(({ checkpoint, source, filter, sample, answer, extracted, grade }) => {
    const key = JSON.stringify([checkpoint, source, filter]);
    const before = shown.get(key) ?? 0;
    shown.set(key, before + 1);
    if (before >= most) return [];
    return [{ checkpoint, source, filter, sample, answer, extracted, grade }];
  });
}
