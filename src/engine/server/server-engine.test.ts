import { describe, expect, test } from 'vitest';
import { UserError } from '../../error/index.ts';
import type { SampleOptions, ServedPrompt } from '../provider.ts';
import type { SampledUntil } from '../testing/served.ts';
import { servedEngines } from '../testing/served.ts';
import { onlyServedModel } from './index.ts';

const open = servedEngines();

const prompts: ServedPrompt[] = ['one', 'two', 'three'].map((id) => ({
  ...{ id, content: `${id} and`, maxTokens: 4, stop: ['\n'] },
}));
const options: SampleOptions = { samples: 4, temperature: 1, topP: 0.9, seed: 1 };

/** Numbers of the answers by prompt; no number may come twice. */
function numbersOf({ parts }: SampledUntil): Record<string, number[]> {
  const numbers: Record<string, number[]> = {};
  for (const each of parts) (numbers[each.id] ??= []).push(...each.numbers);
  return Object.fromEntries(
    Object.entries(numbers).map(([id, own]) => [id, own.sort((a, b) => a - b)]),
  );
}

const all = Object.fromEntries(prompts.map(({ id }) => [id, [0, 1, 2, 3]]));

function messageOf({ error }: SampledUntil): string {
  expect(error).toBeInstanceOf(UserError);
  return (error as UserError).message;
}

describe('requests', () => {
  test('carry the whole setting, and ask for all answers of a prompt at once', async () => {
    await using served = await open();
    const [prompt] = prompts;
    const { parts } = await served.sample([prompt!], { ...options, topK: 9 });
    const { requests } = served.server;
    expect(requests).toEqual([
      {
        path: '/v1/completions',
        authorization: null,
        body: {
          model: 'tiny',
          prompt: 'one and',
          max_tokens: 4,
          temperature: 1,
          top_p: 0.9,
          top_k: 9,
          seed: requests[0]?.body?.seed,
          stop: ['\n'],
          n: 4,
        },
      },
    ]);
    expect(requests[0]?.body?.seed).toBeGreaterThan(0);
    expect(parts.map(({ numbers, tokens }) => ({ numbers, tokens }))).toEqual([
      { numbers: [0, 1, 2, 3], tokens: [null, null, null, null] },
    ]);
  });

  test('put messages to the chat', async () => {
    await using served = await open();
    const messages = [{ role: 'user', content: 'one and' }];
    const chat = [{ ...prompts[0]!, content: messages }];
    const { parts, error } = await served.sample(chat, { ...options, samples: 1 });
    expect(error).toBeNull();
    expect(parts[0]?.answers).toHaveLength(1);
    expect(parts[0]?.tokens[0]).toBeGreaterThan(0);
    const [request] = served.server.requests;
    expect(request?.path).toBe('/v1/chat/completions');
    expect(request?.body?.messages).toEqual(messages);
    expect(request?.body?.n).toBeUndefined();
  });

  test('for other numbers have other seeds, the same ones the same', async () => {
    await using served = await open();
    const seeds = async (asked: readonly ServedPrompt[], seed = 1): Promise<unknown[]> => {
      served.server.requests.length = 0;
      await served.sample(asked, { ...options, seed });
      return served.server.requests.map(({ body }) => body?.seed);
    };
    const first = await seeds(prompts);
    expect(new Set(first).size).toBe(3);
    expect(await seeds(prompts)).toEqual(first);
    expect(await seeds(prompts.map((each) => ({ ...each, numbers: [2, 3] })))).not.toEqual(first);
    expect(await seeds(prompts, 2)).not.toEqual(first);
  });

  test('are no more at a time than asked for', async () => {
    for (const concurrency of [1, 3]) {
      await using served = await open({ client: { concurrency }, severalAtOnce: 'ignored' });
      await served.sample(prompts, options);
      expect(served.server.mostOpen()).toBe(concurrency);
    }
  });

  test('for more answers than a request may ask for are several', async () => {
    await using served = await open();
    const short = [{ ...prompts[0]!, maxTokens: 1 }];
    const got = await served.sample(short, { ...options, samples: 300 });
    expect(numbersOf(got)['one']).toEqual(Array.from({ length: 300 }, (_, number) => number));
    expect(served.server.requests.map(({ body }) => body?.n)).toEqual([128, 128, 44]);
  });
});

describe('a server that', () => {
  test('ignores `n` is asked for single answers', async () => {
    await using served = await open({ severalAtOnce: 'ignored' });
    const got = await served.sample(prompts, options);
    expect(got.error).toBeNull();
    expect(numbersOf(got)).toEqual(all);
    expect(served.server.requests.map(({ body }) => body?.n ?? 1)).toEqual([
      4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    ]);
    expect(new Set(served.server.requests.map(({ body }) => body?.seed)).size).toBe(12);
    expect(got.parts.every(({ tokens }) => tokens[0] !== null)).toBe(true);
  });

  test('refuses `n`, `stop` or `seed` is asked without', async () => {
    await using served = await open({ severalAtOnce: 'refused', refused: ['stop', 'seed'] });
    const got = await served.sample(prompts, { ...options, samples: 2 });
    expect(got.error).toBeNull();
    expect(numbersOf(got)).toEqual({ one: [0, 1], two: [0, 1], three: [0, 1] });
    const last = served.server.requests.at(-1)?.body;
    expect([last?.n, last?.stop, last?.seed]).toEqual([undefined, undefined, undefined]);
    expect(got.parts.flatMap(({ answers }) => answers).join('')).not.toContain('\n');
  });

  test('refuses what decides the answers is not asked without it', async () => {
    await using served = await open({ refused: ['top_k'] });
    const got = await served.sample(prompts, { ...options, topK: 5 });
    expect(messageOf(got)).toBe(
      `item \`one\`: ${served.server.url}/completions answered 422 Unprocessable Entity: Unused fields in the request: {'top_k'}`,
    );
  });

  test('tells no tokens leaves the cost open', async () => {
    await using served = await open({ usage: false });
    const { parts } = await served.sample(prompts, { ...options, samples: 1 });
    expect(parts.map(({ tokens, cost }) => ({ tokens, cost }))).toEqual(
      prompts.map(() => ({ tokens: [null], cost: { promptTokens: null, completionTokens: null } })),
    );
  });

  test('is asked once for a greedy answer', async () => {
    await using served = await open();
    const got = await served.sample(prompts, { ...options, temperature: 0 });
    expect(numbersOf(got)).toEqual(all);
    expect(served.server.requests).toHaveLength(3);
    for (const { answers } of got.parts) expect(new Set(answers).size).toBe(1);
  });

  test('is slow for several answers is asked for fewer', async () => {
    await using served = await open({ client: { timeoutMs: 300 } });
    await served.sample(prompts.slice(0, 1), { ...options, samples: 1 });
    const asked = async (): Promise<number[]> => {
      served.server.requests.length = 0;
      served.server.faults.push('silent', 'silent');
      const got = await served.sample(prompts, options);
      expect(got.error).toBeNull();
      expect(numbersOf(got)).toEqual(all);
      return served.server.requests.map(({ body }) => body?.n ?? 1);
    };
    // Before it has answered at all, single answers are asked for at once, then without stop strings.
    expect(await asked()).toEqual([4, ...Array<number>(13).fill(1)]);
    expect(served.server.requests.map(({ body }) => body?.stop !== undefined)).toEqual([
      ...[true, true],
      ...Array<boolean>(12).fill(false),
    ]);
  });

  test('becomes slow for several answers is asked by halves', async () => {
    await using served = await open({ client: { timeoutMs: 300 } });
    const [first, ...rest] = prompts;
    const sampling = served.engine.sample([first!, ...rest], options)[Symbol.asyncIterator]();
    await sampling.next();
    served.server.faults.push('silent', 'silent');
    while ((await sampling.next()).done !== true);
    const counts = served.server.requests.map(({ body }) => body?.n ?? 1);
    expect(counts).toEqual([4, 4, 2, ...Array<number>(8).fill(1)]);
    expect(served.server.requests.every(({ body }) => body?.stop !== undefined)).toBe(true);
  });
});

describe('the key', () => {
  const apiKey = 'sk-secret-123';

  test('is sent as a bearer token', async () => {
    await using served = await open({ apiKey, client: { apiKey } });
    const got = await served.sample(prompts, options);
    expect(got.error).toBeNull();
    expect(served.server.requests[0]?.authorization).toBe(`Bearer ${apiKey}`);
  });

  test('stands in no message, even where the server repeats it', async () => {
    await using served = await open({ apiKey: 'another', client: { apiKey } });
    const got = await served.sample(prompts, { ...options, samples: 1 });
    expect(messageOf(got)).toBe(
      `item \`one\`: ${served.server.url}/completions answered 401 Unauthorized (the key is read from OPENAI_API_KEY): Incorrect API key: Bearer [key]`,
    );
    expect(JSON.stringify(got.error, Object.getOwnPropertyNames(got.error))).not.toContain(apiKey);
  });

  test('stands in no answer, even where the server repeats it', async () => {
    await using served = await open({ client: { apiKey } });
    const text = `You sent Bearer ${apiKey}, ${apiKey}.`;
    const body = JSON.stringify({ choices: [{ index: 0, text, finish_reason: 'stop' }] });
    served.server.faults.push({ status: 200, body });
    const [first] = prompts;
    const got = await served.sample(first === undefined ? [] : [first], { ...options, samples: 1 });
    expect(got.parts.map(({ answers }) => answers)).toEqual([['You sent Bearer [key], [key].']]);
  });

  test('that no header can carry is refused, unseen', async () => {
    const opening = open({ client: { apiKey: 'two\nlines' } });
    await expect(opening).rejects.toThrow(
      /^OPENAI_API_KEY: expected a key of letters, digits and signs, got one with spaces or other characters in it$/,
    );
  });
});

describe('onlyServedModel', () => {
  const ask = async (models: readonly string[]): Promise<string> => {
    await using served = await open({ models });
    const { url: baseUrl } = served.server;
    return await onlyServedModel({ baseUrl, apiKey: null, timeoutMs: 9000 });
  };

  test('is the one that is listed', async () => {
    expect(await ask(['org/model-1'])).toBe('org/model-1');
  });

  test('of several or none is none', async () => {
    await expect(ask(['a', 'b'])).rejects.toThrow(
      /^--model: expected one of the 2 models that http:\S+\/v1 lists \(a, b\), got none$/,
    );
    await expect(ask([])).rejects.toThrow(/^--model: expected a model, http:\S+\/v1 lists none$/);
  });
});

describe('score', () => {
  test('refuses a server that does not echo', async () => {
    await using served = await open({ echo: false });
    const scores = served.engine.score([{ id: 'q 0', context: 'in the', continuation: ' end' }]);
    await expect(scores[Symbol.asyncIterator]().next()).rejects.toThrow(
      `item \`q 0\`: ${served.server.url}/completions gave no log-probabilities of the prompt (\`echo\` with \`logprobs\`), which a task graded by loglikelihood needs`,
    );
  });

  test('counts the tokens of a context once, and their cost', async () => {
    await using served = await open({ client: { concurrency: 2 } });
    const costs: unknown[] = [];
    const choices = [' end', ' the'].map((continuation) => ({
      ...{ id: continuation, context: 'in the', continuation },
    }));
    for await (const { cost } of served.engine.score(choices)) costs.push(cost);
    expect(served.server.requests).toHaveLength(3);
    expect(costs).toContainEqual({
      promptTokens: expect.any(Number) as number,
      completionTokens: 2,
    });
    expect(costs).toContainEqual({
      promptTokens: expect.any(Number) as number,
      completionTokens: 1,
    });
  });
});
