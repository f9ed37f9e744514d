/** What servers answer, checked. */
import { z } from 'zod';
import { ServerFault } from './server-fault.ts';

const count = z.number().int().min(0);
const usage = z.object({ prompt_tokens: count.nullish(), completion_tokens: count.nullish() });
const common = { index: z.number().int().nullish(), finish_reason: z.string().nullish() };

const counts = { usage: usage.nullish(), timings: z.unknown().optional() };

const completionReply = z.object({
  choices: z.array(z.object({ ...common, text: z.string() })),
  ...counts,
});

const chatReply = z.object({
  choices: z.array(
    // Without content a model has only reasoned, or called a tool: that is no answer.
    z.object({ ...common, message: z.object({ content: z.string().nullish() }) }),
  ),
  ...counts,
});

const echoReply = z.object({
  choices: z
    .array(
      z.object({
        logprobs: z.object({ token_logprobs: z.array(z.number().nullable()) }).nullish(),
      }),
    )
    .min(1),
  usage: usage.nullish(),
});

const modelsReply = z.object({ data: z.array(z.object({ id: z.string() })) });

export type Answers = {
  /** In the order of their indices. */
  readonly texts: readonly string[];
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
};

/** Texts of a reply to `/completions`. */
export function readCompletions(reply: unknown): Answers {
  const { choices, ...used } = checked(completionReply, reply);
  return answers(
    choices.map(({ text, ...rest }) => ({ ...rest, text })),
    used,
  );
}

/** Texts of a reply to `/chat/completions`. */
export function readChatCompletions(reply: unknown): Answers {
  const { choices, ...used } = checked(chatReply, reply);
  return answers(
    choices.map(({ message, ...rest }) => ({ ...rest, text: message.content ?? '' })),
    used,
  );
}

export type Echo = {
  /** Of each token of the prompt; null where nothing stands before it. */
  readonly logProbabilities: readonly (number | null)[];
  readonly promptTokens: number;
  readonly completionTokens: number | null;
};

/**
 * Log-probabilities of a prompt's own tokens.
 *
 * @throws ServerFault where the server gives none of the prompt.
 */
export function readEcho(reply: unknown): Echo {
  const { choices, usage: used } = checked(echoReply, reply);
  const all = choices[0]?.logprobs?.token_logprobs ?? [];
  const promptTokens = used?.prompt_tokens ?? null;
  if (promptTokens === null || promptTokens === 0 || all.length < promptTokens) {
    throw new ServerFault(
      'gave no log-probabilities of the prompt (`echo` with `logprobs`), which a task graded by loglikelihood needs',
      { kind: 'lasting' },
    );
  }
  return {
    logProbabilities: all.slice(0, promptTokens),
    promptTokens,
    completionTokens: used?.completion_tokens ?? null,
  };
}

export function readModels(reply: unknown): string[] {
  return checked(modelsReply, reply).data.map(({ id }) => id);
}

type Choice = {
  readonly index?: number | null | undefined;
  readonly finish_reason?: string | null | undefined;
  readonly text: string;
};

/** Reasons that say that an answer was broken off by the server. */
const brokenOff: ReadonlySet<string> = new Set(['abort', 'error']);

type Counts = {
  readonly usage?: z.infer<typeof usage> | null | undefined;
  readonly timings?: unknown;
};

function answers(choices: readonly Choice[], { usage: used, timings }: Counts): Answers {
  const broken = choices.find((choice) => brokenOff.has(choice.finish_reason ?? ''));
  if (broken !== undefined) {
    throw new ServerFault(`broke an answer off (finish_reason ${broken.finish_reason ?? ''})`, {
      kind: 'passing',
    });
  }
  if (choices.length === 0) throw unexpected('`choices` is empty');
  // llama.cpp, which tells timings, counts the tokens of the first of several answers alone.
  const isCountWhole = timings === undefined || choices.length === 1;
  return {
    texts: [...choices].sort((a, b) => (a.index ?? 0) - (b.index ?? 0)).map(({ text }) => text),
    promptTokens: used?.prompt_tokens ?? null,
    completionTokens: isCountWhole ? (used?.completion_tokens ?? null) : null,
  };
}

function checked<Reply>(schema: z.ZodType<Reply>, reply: unknown): Reply {
  const parsed = schema.safeParse(reply);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw unexpected(`at \`${issue?.path.join('.') ?? ''}\`: ${issue?.message ?? ''}`);
}

function unexpected(what: string): ServerFault {
  return new ServerFault(`answered with JSON that is not of the OpenAI API (${what})`, {
    kind: 'lasting',
  });
}
