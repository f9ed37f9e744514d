import { describe, expect, test } from 'vitest';
import { UserError } from '../../error/index.ts';
import type { SampleOptions, ServedPrompt } from '../provider.ts';
import type { SampledUntil } from '../testing/served.ts';
import { servedEngines } from '../testing/served.ts';

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

describe('faults that pass', () => {
  test.each([
    ['too many requests', { status: 429, retryAfter: '0' }],
    ['too many requests until a date', { status: 429, retryAfter: new Date(0).toUTCString() }],
    ['a broken server', { status: 500, body: 'oops' }],
    ['a gateway without its server', { status: 503 }],
    ['a cut connection', 'cut'],
    ['half a reply', 'half'],
    ['a page instead of JSON', 'html'],
    ['an answer that was broken off', { status: 200, body: abortedReply() }],
  ] as const)('%s', async (_, fault) => {
    await using served = await open();
    served.server.faults.push(fault, fault);
    const got = await served.sample(prompts, options);
    expect(got.error).toBeNull();
    expect(numbersOf(got)).toEqual(all);
    expect(served.server.requests).toHaveLength(5);
    const [first, second, third] = served.server.requests;
    expect([second, third]).toEqual([first, first]);
  });

  test('silence', async () => {
    await using served = await open({ client: { timeoutMs: 300 } });
    served.server.faults.push('silent', 'silent');
    const plain = prompts.map((each) => ({ ...each, stop: [] }));
    const got = await served.sample(plain, { ...options, samples: 1 });
    expect(got.error).toBeNull();
    expect(served.server.requests).toHaveLength(5);
  });

  test('the wait that a server asks for is kept', async () => {
    await using served = await open();
    served.server.faults.push({ status: 429, retryAfter: '1' });
    const startedAt = performance.now();
    await served.sample(prompts.slice(0, 1), options);
    expect(performance.now() - startedAt).toBeGreaterThan(950);
  });
});

function abortedReply(): string {
  return JSON.stringify({ choices: [{ index: 0, text: 'ab', finish_reason: 'abort' }] });
}

describe('faults that stay', () => {
  test.each([
    [
      { status: 500, body: '{"error": {"message": "CUDA\\n out of memory"}}' },
      'answered 500 Internal Server Error: CUDA out of memory (4 tries)',
    ],
    [
      { status: 429, retryAfter: '0' },
      'answered 429 Too Many Requests, asks to wait 0 s: trouble (4 tries)',
    ],
    [
      { status: 429, retryAfter: '3600' },
      'answered 429 Too Many Requests, asks to wait 3600 s: trouble',
    ],
    [{ status: 404, body: 'x'.repeat(400) }, `answered 404 Not Found: ${'x'.repeat(300)}…`],
    [{ status: 302 }, 'answered 302 Found: trouble'],
    ['cut', 'cut the connection (UND_ERR_SOCKET) (4 tries)'],
    ['html', 'answered 200 with something that is no JSON: "<html>busy</html>" (4 tries)'],
    [
      { status: 200, body: '{"error": "no"}' },
      'answered with JSON that is not of the OpenAI API (at `choices`: Invalid input: expected array, received undefined)',
    ],
    [
      { status: 200, body: '{"choices": []}' },
      'answered with JSON that is not of the OpenAI API (`choices` is empty)',
    ],
  ] as const)('%j', async (fault, message) => {
    await using served = await open();
    served.server.faults.push(...Array<typeof fault>(9).fill(fault));
    const asked = prompts.map((each) => ({ ...each, numbers: [0] }));
    const got = await served.sample(asked, options);
    expect(got.parts).toEqual([]);
    expect(messageOf(got)).toBe(`item \`one\`: ${served.server.url}/completions ${message}`);
  });

  test('what runs beside the failure is finished and given, nothing more is asked', async () => {
    await using served = await open({ client: { concurrency: 2 } });
    served.server.faults.push({ status: 400 });
    const asked = prompts.map((each) => ({ ...each, numbers: [0] }));
    const got = await served.sample(asked, options);
    expect(numbersOf(got)).toEqual({ two: [0] });
    expect(messageOf(got)).toContain('item `one`');
    expect(served.server.requests).toHaveLength(2);
  });

  test('a server that is not there is not waited for', async () => {
    const { server } = await open();
    await server[Symbol.asyncDispose]();
    await using served = await open({
      client: {
        baseUrl: server.url,
        retry: { retries: 5, minDelayMs: 60_000, maxDelayMs: 60_000 },
      },
    });
    const got = await served.sample(prompts, options);
    expect(messageOf(got)).toBe(
      `item \`one\`: ${server.url}/completions refused the connection (ECONNREFUSED)`,
    );
  });

  test('whoever interrupts waits for nothing', async () => {
    await using served = await open();
    served.server.faults.push('silent');
    const ending = new AbortController();
    const sampling = served.sample(prompts, { ...options, signal: ending.signal });
    await expect.poll(() => served.server.requests.length).toBe(1);
    ending.abort(new Error('interrupted'));
    expect(await sampling).toEqual({ parts: [], error: new Error('interrupted') });
    expect(served.server.requests).toHaveLength(1);
  });
});
