/** Who answers the questions: a checkpoint that runs here (a server stands in `label-server.ts`). */
import { type Checkpoint, loadTokenizer, type PromptTokenizer } from '../checkpoint/index.ts';
import type {
  AnswerKind,
  ChoiceScore,
  LocalEngine,
  SampledAnswers,
  SampleOptions,
  ScorePrompt,
} from '../engine/index.ts';
import { UserError } from '../error/index.ts';
import { continuationOf, type Item, splitAtChoice, type Suite, type Task } from '../suite/index.ts';
import type { KnownCheckpoint } from './known-checkpoint.ts';
import type { SuiteRequest } from './known-suite.ts';
import type { Putting, Question } from './label-questions.ts';
import { openAnswerEngine } from './pass-engine.ts';
import type { JobContext } from './progress.ts';
import { contentOf, renderOf, resolveRender } from './prompts.ts';

/** A question with the numbers of the answers that are missing. */
export type AskedQuestion = { readonly question: Question; readonly numbers: readonly number[] };

/** One choice of a question whose likelihood is missing. */
export type AskedChoice = {
  /** Names item and choice. */
  readonly id: string;
  readonly question: Question;
  readonly choice: string;
};

/** Ready to answer the questions that it was opened for. */
export type Answering = AsyncDisposable & {
  /** Answers carry the items' ids. */
  sample(asked: readonly AskedQuestion[], options: SampleOptions): AsyncIterable<SampledAnswers>;
  score(choices: readonly AskedChoice[], signal: AbortSignal): AsyncIterable<ChoiceScore>;
};

export type Respondent = Putting & {
  /** Of the weights that answer; null behind a server. */
  readonly fingerprint: string | null;
  readonly server: { readonly url: string; readonly model: string } | null;
  /** @throws UserError where one of the questions cannot be asked: before any work. */
  open(questions: readonly Question[]): Promise<Answering>;
};

/** @throws UserError where the folder is gone. */
export async function localRespondent(
  { known, reference }: { readonly known: KnownCheckpoint; readonly reference: string },
  { suite, render: asked }: { readonly suite: Suite; readonly render: SuiteRequest['render'] },
  context: JobContext,
): Promise<Respondent> {
  const { opened } = known;
  if (opened === null) {
    throw new UserError(
      `label: expected a checkpoint whose folder is there, got \`${reference}\`; a model behind a server is asked with --server`,
    );
  }
  const render = await resolveRender(asked, known, suite);
  return {
    fingerprint: opened.fingerprint,
    server: null,
    setup: opened.setupSha256,
    renderOf: (item) => renderOf(item, render, asked),
    open: (questions) => openLocal(opened, questions, context),
  };
}

async function openLocal(
  opened: Checkpoint,
  questions: readonly Question[],
  context: JobContext,
): Promise<Answering> {
  const tokenizer = await loadTokenizer(opened);
  const prompts = new Map(
    questions.map((question) => [question.item.id, encodePrompt(question, tokenizer)]),
  );
  let running: { readonly kind: AnswerKind; readonly engine: LocalEngine } | null = null;
  const stop = async (): Promise<void> => {
    await running?.engine[Symbol.asyncDispose]();
    running = null;
  };
  // Each kind has graphs of its own with all weights: those of the other one go first.
  const started = async (kind: AnswerKind): Promise<LocalEngine> => {
    if (running?.kind === kind) return running.engine;
    await stop();
    const engine = await openAnswerEngine(opened, kind, context);
    running = { kind, engine };
    return engine;
  };
  return {
    async *sample(asked, options) {
      const wanted = asked.map(({ question: { item, task }, numbers }) => ({
        ...{ id: item.id, ids: prompts.get(item.id) ?? new Int32Array(), numbers },
        ...{ maxTokens: task.maxTokens, stop: task.stop },
      }));
      yield* (await started('sample')).sample(wanted, options);
    },
    async *score(choices) {
      const encoded = choices.map((choice) => encodeChoice(choice, tokenizer));
      yield* (await started('score')).score(encoded);
    },
    [Symbol.asyncDispose]: stop,
  };
}

function encodePrompt({ item, render }: Question, tokenizer: PromptTokenizer): Int32Array {
  const content = contentOf(item, render);
  return typeof content === 'string'
    ? tokenizer.encodePrompt(content)
    : tokenizer.encodeMessages(content);
}

/** As lm-evaluation-harness splits it: prompt and choice are encoded together, and what the prompt has alone goes off. */
function encodeChoice(
  { id, question, choice }: AskedChoice,
  tokenizer: PromptTokenizer,
): ScorePrompt {
  const { item, task, render } = question;
  const content = contentOf(item, render);
  const isText = typeof content === 'string';
  const encode = isText ? tokenizer.encodePrompt : tokenizer.encodeRendered;
  const text = isText ? content : tokenizer.renderMessages(content);
  const split = splitAtChoice(text, isText ? continuationOf(task, text, choice) : choice);
  const ids = encode(split.context + split.continuation);
  const from = encode(split.context).length;
  if (from < 1 || from >= ids.length) throw unsplittable(item, task, choice);
  return { id, ids, from };
}

function unsplittable({ id }: Item, { name }: Task, choice: string): UserError {
  return new UserError(
    `label: expected choice ${JSON.stringify(choice)} of item \`${id}\` of task \`${name}\` to have tokens of its own behind a prompt that has some; put a space between them`,
  );
}
