import type { LogQuestion } from '../../outcomes/index.ts';
import type { ImportedSuite, Store } from '../../store/index.ts';

/** The suites that the logs of one import add to, each opened once. */
export class LogSuites {
  readonly #store: Store;
  readonly #opened = new Map<string, Promise<ImportedSuite | null>>();

  constructor(store: Store) {
    this.#store = store;
  }

  async draft(name: string): Promise<QuestionDraft> {
    const opened = this.#opened.get(name) ?? this.#store.suites.openImported(name);
    this.#opened.set(name, opened);
    return createQuestionDraft(name, await opened);
  }
}

/** The questions of one log on their way into a suite. */
export type QuestionDraft = AsyncDisposable & {
  add(question: LogQuestion): void;
  settle(): Promise<void>;
  /** What the person should know of them. */
  commit(): Promise<string[]>;
};

function createQuestionDraft(name: string, suite: ImportedSuite | null): QuestionDraft {
  const draft = suite?.draft() ?? null;
  let added = 0;
  const others = new Set<string>();
  const unfit = new Set<string>();
  let foreign = false;
  return {
    add({ item, task }) {
      if (draft === null) foreign = true;
      else {
        const how = draft.add(item, task);
        if (how === 'new') added += 1;
        else if (how === 'other') others.add(item.id);
        else if (how === 'unfit') unfit.add(item.id);
      }
    },
    settle: async () => draft?.settle(),
    async commit() {
      const dir = (await draft?.commit()) ?? null;
      return [
        ...(added === 0 || dir === null
          ? []
          : [`its questions are in suite \`${name}\` of the store now: --suite ${name}`]),
        ...(foreign
          ? [`suite \`${name}\` is a suite of yours: the log’s questions are not added to it`]
          : []),
        ...(unfit.size === 0
          ? []
          : [
              `${unfit.size} questions have no text, or names that are too long: their outcomes are kept, they go to no suite`,
            ]),
        ...(others.size === 0 ? [] : [otherWords(name, others)]),
      ];
    },
    async [Symbol.asyncDispose]() {
      await draft?.[Symbol.asyncDispose]();
    },
  };
}

function otherWords(name: string, ids: ReadonlySet<string>): string {
  const [first] = ids;
  return `${ids.size} questions are asked in other words than suite \`${name}\` keeps them (\`${first ?? ''}\`): their outcomes are kept and join no question of it; pass --suite with another name to keep these questions too`;
}
