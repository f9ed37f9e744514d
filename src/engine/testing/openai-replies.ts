import type { PromptTokenizer } from '../../checkpoint/index.ts';
import type { LocalEngine, SampledAnswers } from '../index.ts';

export type TestRequest = {
  readonly model: string;
  readonly prompt?: string;
  readonly messages?: readonly { readonly role: string; readonly content: string }[];
  readonly max_tokens: number;
  readonly temperature?: number;
  readonly top_p?: number;
  readonly top_k?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
  readonly n?: number;
  readonly echo?: boolean;
  readonly logprobs?: number;
};

type Behind = { readonly engine: LocalEngine; readonly tokenizer: PromptTokenizer };
type Reply = { readonly usage: unknown } & Record<string, unknown>;

function encode({ prompt, messages }: TestRequest, tokenizer: PromptTokenizer): Int32Array {
  return messages === undefined
    ? tokenizer.encodePrompt(prompt ?? '')
    : tokenizer.encodeMessages(messages);
}

/** The engine's answers as the API has them. */
export async function sampleBody(
  body: TestRequest,
  isChat: boolean,
  { engine, tokenizer }: Behind,
): Promise<Reply> {
  const { max_tokens: maxTokens, stop = [], n = 1, temperature = 1, top_p: topP = 1 } = body;
  const { seed = 0, top_k: topK = null } = body;
  const prompt = { id: 'request', ids: encode(body, tokenizer), maxTokens, stop };
  const all: SampledAnswers[] = [];
  for await (const each of engine.sample([prompt], { samples: n, temperature, topP, topK, seed })) {
    all.push(each);
  }
  const answers = all.flatMap((each) => each.answers);
  const tokens = all.flatMap((each) => each.tokens).reduce<number>((a, b) => a + (b ?? 0), 0);
  const choices = answers.map((content, index) => ({
    index,
    finish_reason: 'stop',
    ...(isChat ? { message: { role: 'assistant', content } } : { text: content }),
  }));
  return {
    object: isChat ? 'chat.completion' : 'text_completion',
    // Some servers give them in the order in which they were finished.
    choices: choices.toReversed(),
    usage: { prompt_tokens: prompt.ids.length, completion_tokens: tokens },
  };
}

/** What no token's log-probability is: it shows where the sampled token is counted in. */
const sampledLogProbability = -1000;

/** The prompt again, with the log-probability of each of its tokens, and one more token. */
export async function echoPrompt(body: TestRequest, { engine, tokenizer }: Behind): Promise<Reply> {
  const ids = encode(body, tokenizer);
  const prompts = [...ids.keys()]
    .slice(1)
    .map((at) => ({ id: `${at}`, ids: ids.subarray(0, at + 1), from: at }));
  const own = new Array<number>(ids.length - 1);
  for await (const { id, logLikelihood } of engine.score(prompts)) {
    own[Number(id) - 1] = logLikelihood;
  }
  const logprobs = { token_logprobs: [null, ...own, sampledLogProbability] };
  return {
    object: 'text_completion',
    choices: [{ index: 0, text: `${body.prompt ?? ''}x`, finish_reason: 'length', logprobs }],
    usage: { prompt_tokens: ids.length, completion_tokens: 1 },
  };
}
