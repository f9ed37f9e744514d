import { keyedUniform } from '../../stats/index.ts';
import { cutAtStop } from '../../suite/index.ts';
import { checkSampleOptions } from '../check-sample-options.ts';
import type { SampledAnswers, SampleOptions, ServedPrompt } from '../provider.ts';
import { type AskedServer, describeFault } from './asked-server.ts';
import { type Answers, readChatCompletions, readCompletions } from './replies.ts';
import { runTogether } from './run-together.ts';
import { ServerFault } from './server-fault.ts';

/** Answers asked for in one request: what the OpenAI API allows. */
const mostPerRequest = 128;

/** Answers of one prompt that one request asks for. */
type Job = { readonly prompt: ServedPrompt; readonly numbers: readonly number[] };

/** What the server has been found to take. */
type Abilities = {
  perRequest: number;
  stop: boolean;
  seed: boolean;
  /** Whether an answer has come yet. */
  isProven: boolean;
};

/**
 * Asks for the answers of a prompt in one request, or in several where the server ignores or refuses `n`, or is too slow
 * for so many at once. Whatever the server does with stop strings, answers are cut at them here.
 */
export async function* sampleFromServer(
  server: AskedServer,
  prompts: readonly ServedPrompt[],
  options: SampleOptions,
): AsyncGenerator<SampledAnswers> {
  checkSampleOptions(options);
  const able: Abilities = { perRequest: mostPerRequest, stop: true, seed: true, isProven: false };
  const jobs = new JobList(prompts, options, able);
  const work = async (job: Job, signal: AbortSignal): Promise<SampledAnswers | null> => {
    const body = requestBody(server.model, job, { options, able });
    try {
      return await ask(server, { jobs, able }, { job, body, options, signal });
    } catch (error) {
      if (!(error instanceof ServerFault) || !adapt(able, body, error)) {
        throw describeFault(server, error, { id: job.prompt.id, path: pathOf(job.prompt) });
      }
      jobs.putBack(job);
      return null;
    }
  };
  const together = { next: () => jobs.next(), ...server, signal: options.signal };
  for await (const answers of runTogether(work, together)) {
    if (answers !== null) yield answers;
  }
}

/** What is left to ask for, prompt by prompt. */
class JobList {
  readonly #prompts: readonly ServedPrompt[];
  readonly #options: SampleOptions;
  readonly #able: Abilities;
  /** Goes before further prompts, so that those begun are finished first. */
  readonly #begun: Job[] = [];
  #at = 0;

  constructor(prompts: readonly ServedPrompt[], options: SampleOptions, able: Abilities) {
    this.#prompts = prompts;
    this.#options = options;
    this.#able = able;
  }

  next(): Job | null {
    const job = this.#begun.pop() ?? this.#nextPrompt();
    // Greedy answers are all the same: one is asked for, whatever the number.
    if (job === null || this.#options.temperature === 0) return job;
    const { prompt, numbers } = job;
    if (numbers.length > this.#able.perRequest) {
      this.putBack({ prompt, numbers: numbers.slice(this.#able.perRequest) });
    }
    return { prompt, numbers: numbers.slice(0, this.#able.perRequest) };
  }

  putBack(job: Job): void {
    if (job.numbers.length > 0) this.#begun.push(job);
  }

  #nextPrompt(): Job | null {
    for (;;) {
      const prompt = this.#prompts[this.#at];
      if (prompt === undefined) return null;
      this.#at += 1;
      const all = Array.from({ length: this.#options.samples }, (_, number) => number);
      const numbers = prompt.numbers ?? all;
      if (numbers.length > 0) return { prompt, numbers };
    }
  }
}

type Body = {
  readonly model: string;
  readonly max_tokens: number;
  readonly temperature: number;
  readonly top_p: number;
  readonly top_k?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
  readonly n?: number;
};

function requestBody(
  model: string,
  { prompt, numbers }: Job,
  { options, able }: { readonly options: SampleOptions; readonly able: Abilities },
): Body {
  const { content, maxTokens, stop } = prompt;
  const { temperature, topP, topK = null, seed } = options;
  const asked = temperature === 0 ? 1 : numbers.length;
  return {
    model,
    ...(typeof content === 'string' ? { prompt: content } : { messages: content }),
    max_tokens: maxTokens,
    temperature,
    top_p: topP,
    ...(topK === null ? {} : { top_k: topK }),
    ...(able.seed ? { seed: requestSeed(seed, prompt.id, numbers[0] ?? 0) } : {}),
    ...(able.stop && stop.length > 0 ? { stop } : {}),
    ...(asked > 1 ? { n: asked } : {}),
  };
}

/** A seed of the answers from this number on; below 2³¹, which every server takes. */
function requestSeed(seed: number, id: string, first: number): number {
  return Math.floor(keyedUniform('request', seed, id, first) * 2 ** 31);
}

function pathOf({ content }: ServedPrompt): string {
  return typeof content === 'string' ? 'completions' : 'chat/completions';
}

async function ask(
  { client }: AskedServer,
  { jobs, able }: { readonly jobs: JobList; readonly able: Abilities },
  asked: {
    readonly job: Job;
    readonly body: Body;
    readonly options: SampleOptions;
    readonly signal: AbortSignal;
  },
): Promise<SampledAnswers> {
  const { job, body, options, signal } = asked;
  const read = typeof job.prompt.content === 'string' ? readCompletions : readChatCompletions;
  // A request that takes too long is first asked for in another way, see `adaptToTimeout`.
  const retryTimeouts = body.n === undefined && (able.isProven || body.stop === undefined);
  const answers = await client.post(pathOf(job.prompt), body, read, { signal, retryTimeouts });
  able.isProven = true;
  if (options.temperature === 0) return repeated(job, answers);
  const { numbers, prompt } = job;
  const given = numbers.slice(0, answers.texts.length);
  // A server that gives fewer than were asked for ignores `n`.
  if (given.length < numbers.length) able.perRequest = Math.min(able.perRequest, given.length);
  jobs.putBack({ prompt, numbers: numbers.slice(given.length) });
  return collect({ prompt, numbers: given }, answers);
}

function collect({ prompt, numbers }: Job, answers: Answers): SampledAnswers {
  const { promptTokens, completionTokens } = answers;
  return {
    id: prompt.id,
    numbers,
    answers: numbers.map((_, i) => cutAtStop(answers.texts[i] ?? '', prompt.stop)),
    tokens: numbers.map(() => (numbers.length === 1 ? completionTokens : null)),
    cost: { promptTokens, completionTokens },
  };
}

/** The one greedy answer under every number. */
function repeated({ prompt, numbers }: Job, answers: Answers): SampledAnswers {
  const one = collect({ prompt, numbers: numbers.slice(0, 1) }, answers);
  return {
    ...one,
    numbers,
    answers: numbers.map(() => one.answers[0] ?? ''),
    tokens: numbers.map(() => one.tokens[0] ?? null),
  };
}

/** Learns from a fault what the server does not take; false where the request cannot be asked in another way. */
function adapt(able: Abilities, body: Body, fault: ServerFault): boolean {
  const count = body.n ?? 1;
  if (fault.kind === 'timeout') return adaptToTimeout(able, body);
  if (fault.status !== 400 && fault.status !== 422) return false;
  const isRefused = (field: 'stop' | 'seed'): boolean =>
    body[field] !== undefined && new RegExp(`\\b${field}\\b`).test(fault.message);
  const refused = (['stop', 'seed'] as const).filter(isRefused);
  for (const field of refused) able[field] = false;
  // Some allow no second answer, others as many as they have slots.
  if (count > 1) able.perRequest = Math.min(able.perRequest, Math.ceil(count / 2));
  return refused.length > 0 || count > 1;
}

/**
 * Several answers that take too long are asked for by halves. A server that has not answered at all is asked for single
 * answers, and then without stop strings: `transformers serve` 4.57 falls silent over either.
 */
function adaptToTimeout(able: Abilities, { n: count = 1, stop }: Body): boolean {
  if (count > 1) {
    const fewer = able.isProven ? Math.ceil(count / 2) : 1;
    able.perRequest = Math.min(able.perRequest, fewer);
    return true;
  }
  if (able.isProven || stop === undefined) return false;
  able.stop = false;
  return true;
}
