/** One battery for every `Sampler` and `ChoiceScorer`: the local engine, and a server behind which one runs. */
import { describe, expect, test } from 'vitest';
import { loadTokenizer, type PromptTokenizer } from '../checkpoint/index.ts';
import {
  type Asked,
  type ChoiceScore,
  type LocalEngine,
  openLocalEngine,
  openServer,
  type SampledAnswers,
  type SampleOptions,
} from './index.ts';
import { startTestServer } from './testing/openai-server.ts';
import { tinyEngines } from './testing/tiny-engines.ts';

const { checkpointOf } = tinyEngines();

type Text = Asked & { readonly text: string };
type Choice = { readonly id: string; readonly context: string; readonly continuation: string };

/** A sampler as the battery sees it. */
type Subject = AsyncDisposable & {
  readonly tokenizer: PromptTokenizer;
  sample(texts: readonly Text[], options: SampleOptions): AsyncIterable<SampledAnswers>;
  score(choices: readonly Choice[]): AsyncIterable<ChoiceScore>;
};

async function behind(): Promise<{ engine: LocalEngine; tokenizer: PromptTokenizer }> {
  const checkpoint = await checkpointOf();
  const engine = await openLocalEngine(checkpoint, { threads: 1 });
  return { engine, tokenizer: await loadTokenizer(checkpoint) };
}

async function localSubject(): Promise<Subject> {
  const { engine, tokenizer } = await behind();
  return {
    tokenizer,
    sample: (texts, options) =>
      engine.sample(
        texts.map((asked) => ({ ...asked, ids: tokenizer.encodePrompt(asked.text) })),
        options,
      ),
    score: (choices) =>
      engine.score(
        choices.map(({ id, context, continuation }) => ({
          id,
          ids: tokenizer.encodePrompt(context + continuation),
          from: tokenizer.encodePrompt(context).length,
        })),
      ),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}

async function servedSubject(): Promise<Subject> {
  const { engine, tokenizer } = await behind();
  const server = await startTestServer({ engine, tokenizer });
  const client = openServer({
    ...{ baseUrl: server.url, apiKey: null, model: 'tiny', concurrency: 3, timeoutMs: 60_000 },
  });
  return {
    tokenizer,
    sample: (texts, options) =>
      client.sample(
        texts.map(({ text, ...asked }) => ({ ...asked, content: text })),
        options,
      ),
    score: (choices) => client.score(choices),
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
}

const texts: Text[] = ['one', 'two and more', 'the third', 'four', 'and the fifth'].map((text) => ({
  id: text,
  text,
  maxTokens: 6,
  stop: ['e'],
}));
const options: SampleOptions = { samples: 10, temperature: 1.3, topP: 0.95, seed: 4 };

/** Answers by prompt and number. */
async function collect(
  subject: Subject,
  asked: readonly Text[],
  change: Partial<SampleOptions> = {},
) {
  const answers: Record<string, Record<number, string>> = {};
  let [prompt, completion] = [0, 0];
  for await (const each of subject.sample(asked, { ...options, ...change })) {
    expect(each.answers).toHaveLength(each.numbers.length);
    expect(each.tokens).toHaveLength(each.numbers.length);
    prompt += each.cost.promptTokens ?? NaN;
    completion += each.cost.completionTokens ?? NaN;
    const of = (answers[each.id] ??= {});
    for (const [i, number] of each.numbers.entries()) {
      expect(of[number]).toBeUndefined();
      of[number] = each.answers[i]!;
    }
  }
  return { answers, cost: { prompt, completion } };
}

describe.each([
  ['local engine', localSubject],
  ['server', servedSubject],
])('%s', (_, open) => {
  test('gives every answer asked for once, cut at the stop string, the same again', async () => {
    await using subject = await open();
    const { answers, cost } = await collect(subject, texts);
    expect(Object.keys(answers).sort()).toEqual(texts.map(({ id }) => id).sort());
    for (const each of Object.values(answers)) {
      expect(Object.keys(each).map(Number)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(Object.values(each).some((answer) => answer.includes('e'))).toBe(false);
      expect(new Set(Object.values(each)).size).toBeGreaterThan(3);
    }
    const ids = texts.map(({ text }) => subject.tokenizer.encodePrompt(text).length);
    expect(cost.prompt).toBe(ids.reduce((sum, each) => sum + each, 0));
    expect(cost.completion).toBeGreaterThan(50);
    expect(cost.completion).toBeLessThanOrEqual(50 * 6);
    expect(await collect(subject, texts.toReversed())).toEqual({ answers, cost });
    expect((await collect(subject, texts, { seed: 5 })).answers).not.toEqual(answers);
  });

  test('asks only for the numbers that are wanted', async () => {
    await using subject = await open();
    const some = texts.slice(0, 3).map((text, i) => ({ ...text, numbers: [[2, 7], [9], []][i]! }));
    const { answers } = await collect(subject, some);
    const numbers = some.map(({ id }) => Object.keys(answers[id] ?? {}).map(Number));
    expect(numbers).toEqual([[2, 7], [9], []]);
  });

  test('greedy answers and those of the likeliest token alone are one answer', async () => {
    await using subject = await open();
    const { answers } = await collect(subject, texts, { temperature: 0 });
    for (const each of Object.values(answers)) expect(new Set(Object.values(each)).size).toBe(1);
    expect((await collect(subject, texts, { topK: 1 })).answers).toEqual(answers);
    expect((await collect(subject, texts, { topP: 1e-9 })).answers).toEqual(answers);
  });

  test('refuses options out of their range', async () => {
    await using subject = await open();
    await expect(collect(subject, texts, { topK: 0 })).rejects.toThrow(
      '`sample`: expected `topK` to be a whole number from 1, or null, got 0',
    );
    await expect(collect(subject, texts, { samples: 1.5 })).rejects.toThrow(
      '`sample`: expected `samples` to be a whole number from 1, got 1.5',
    );
  });

  test('log-likelihoods of choices are the sums over their tokens', async () => {
    await using subject = await open();
    const choices = [' the', ' an end', 'inner', ' and a there'].map((continuation) => ({
      id: continuation,
      context: 'in the and',
      continuation,
    }));
    const scores: Record<string, { sum: number; tokens: number }> = {};
    for await (const { id, logLikelihood, tokens } of subject.score(choices)) {
      scores[id] = { sum: logLikelihood, tokens };
    }
    const lengths = choices.map(
      ({ continuation }) => subject.tokenizer.encodePrompt(continuation).length,
    );
    expect(choices.map(({ id }) => scores[id]?.tokens)).toEqual(lengths);
    // One by one: the probability of a text is the product over its pieces.
    const [whole] = await firstOf(subject, 'in the and', ' an end');
    const [first] = await firstOf(subject, 'in the and', ' an');
    const [rest] = await firstOf(subject, 'in the and an', ' end');
    expect(whole).toBeCloseTo(first! + rest!, 4);
    expect(scores[' an end']?.sum).toBeCloseTo(whole!, 4);
  });
});

async function firstOf(subject: Subject, context: string, continuation: string): Promise<number[]> {
  const sums: number[] = [];
  for await (const each of subject.score([{ id: 'x', context, continuation }])) {
    sums.push(each.logLikelihood);
  }
  return sums;
}

test('both score alike', async () => {
  await using local = await localSubject();
  await using served = await servedSubject();
  for (const continuation of [' the', ' an end', 'inner']) {
    const [ours] = await firstOf(local, 'in the and', continuation);
    const [theirs] = await firstOf(served, 'in the and', continuation);
    expect(theirs).toBeCloseTo(ours!, 4);
  }
});
