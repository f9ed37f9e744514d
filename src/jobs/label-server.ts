/** A model behind an OpenAI-compatible server answers the questions. */
import { chooseRender } from '../checkpoint/index.ts';
import {
  onlyServedModel,
  openServer,
  parseServerUrl,
  type ServerEngine,
  type ServerOptions,
} from '../engine/index.ts';
import { UserError } from '../error/index.ts';
import {
  continuationOf,
  type Item,
  type Render,
  splitAtChoice,
  type Suite,
  type Task,
} from '../suite/index.ts';
import type { KnownCheckpoint } from './known-checkpoint.ts';
import type { SuiteRequest } from './known-suite.ts';
import { isScored } from './label-questions.ts';
import type { Answering, AskedChoice, Respondent } from './label-respondent.ts';
import { contentOf } from './prompts.ts';

export type ServerRequest = {
  /** As OpenAI clients take it; without a path, `/v1` is meant. */
  readonly url: string;
  /** Null: the only one that the server lists. */
  readonly model: string | null;
  /** Sent as a bearer token; neither shown nor stored. */
  readonly apiKey: string | null;
  /** Requests at a time. */
  readonly concurrency: number;
  /** Of one request. */
  readonly timeoutMs: number;
  /** Tries of one request. @default some, for half a minute */
  readonly retry?: ServerOptions['retry'];
};

/** @throws UserError for a bad address, and where the server has to be asked for its model and does not name one. */
export async function servedRespondent(
  request: ServerRequest,
  about: {
    readonly known: KnownCheckpoint;
    readonly suite: Suite;
    readonly render: SuiteRequest['render'];
  },
  signal: AbortSignal,
): Promise<Respondent> {
  const { apiKey, concurrency, timeoutMs, retry } = request;
  const baseUrl = parseServerUrl(request.url);
  const http = { baseUrl, apiKey, timeoutMs, ...(retry === undefined ? {} : { retry }) };
  const model = request.model ?? (await onlyServedModel(http, signal));
  return {
    fingerprint: null,
    server: { url: baseUrl, model },
    setup: ['server', baseUrl, model],
    renderOf: servedRender(about),
    open: () => Promise.resolve(answering(openServer({ ...http, model, concurrency }))),
  };
}

/**
 * The server writes chat templates itself: `auto` asks with messages where a folder says that the checkpoint is
 * post-trained, and where an item has nothing else.
 */
function servedRender({
  known,
  suite,
  render: asked,
}: Parameters<typeof servedRespondent>[1]): (item: Item, task: Task) => Render {
  const someMessages = suite.items.some(({ messages }) => messages !== null);
  const stage = known.opened === null ? null : known.facts.stage;
  const usual = chooseRender('auto', stage, true, someMessages);
  return (item, task) => {
    const scored = isScored(task);
    const wanted = asked === 'auto' ? (scored ? 'prompt' : usual) : asked;
    const other = wanted === 'prompt' ? 'messages' : 'prompt';
    const render = asked === 'auto' && item[wanted] === null ? other : wanted;
    if (scored && render === 'messages') {
      throw new UserError(
        `label: item \`${item.id}\` of task \`${item.task}\` is graded by loglikelihood, which servers tell of texts only; ask with --render prompt, and give the item a \`prompt\``,
      );
    }
    return render;
  };
}

function answering(engine: ServerEngine): Answering {
  return {
    sample: (asked, options) =>
      explained(
        engine.sample(
          asked.map(({ question: { item, task, render }, numbers }) => ({
            ...{ id: item.id, content: contentOf(item, render), numbers },
            ...{ maxTokens: task.maxTokens, stop: task.stop },
          })),
          options,
        ),
      ),
    score: (choices, signal) => explained(engine.score(choices.map(textsOf), { signal })),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}

function textsOf({ id, question: { item, task }, choice }: AskedChoice): {
  readonly id: string;
  readonly context: string;
  readonly continuation: string;
} {
  const text = item.prompt ?? '';
  return { id, ...splitAtChoice(text, continuationOf(task, text, choice)) };
}

/** Says beside a failure what became of what was finished. */
async function* explained<Part>(parts: AsyncIterable<Part>): AsyncGenerator<Part> {
  try {
    yield* parts;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(
      `label: ${error.message}; what was finished before is kept, the same command goes on from there`,
      { cause: error },
    );
  }
}
