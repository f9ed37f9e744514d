import { readdir } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../../../error/index.ts';
import type { EngineCheckpoint, PooledBatch, TokenisedPrompt } from '../../index.ts';
import type { StateFault } from '../../testing/state-test-server.ts';
import {
  openServedStates,
  type ServedEngine,
  type ServedStatesSetup,
} from '../../testing/served-states.ts';
import { tinyEngines } from '../../testing/tiny-engines.ts';

const { checkpointOf } = tinyEngines();
let checkpoint: EngineCheckpoint;
beforeAll(async () => {
  checkpoint = await checkpointOf({ family: 'qwen3' });
});

const prompts: TokenisedPrompt[] = [4, 3, 2].map((length) => ({
  id: `q${length}`,
  ids: Int32Array.from({ length }, (_, i) => 7 + i * length),
}));

const kinds = ['vllm', 'vllm-lens', 'sglang'] as const;
type Kind = (typeof kinds)[number];

const open = (kind: Kind, more: Partial<ServedStatesSetup> = {}): Promise<ServedEngine> =>
  openServedStates(kind, { checkpoint, ...more });

async function extract(
  { engine }: ServedEngine,
  skipBatches: ReadonlySet<number> = new Set(),
): Promise<PooledBatch[]> {
  const batches: PooledBatch[] = [];
  const options = { pool: ['last', 'mean'] as const, skipBatches };
  for await (const batch of engine.extract(prompts, options)) batches.push(batch);
  return batches;
}

async function messageOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UserError);
  return (error as UserError).message;
}

const layersOf: Record<Kind, number> = { vllm: 2, 'vllm-lens': 2, sglang: 1 };

describe.each(kinds)('%s', (kind) => {
  const path = kind === 'sglang' ? 'generate' : 'v1/completions';
  const address = ({ server }: ServedEngine): string =>
    kind === 'sglang' ? server.url.replace('/v1', '') : server.url;

  test('trouble that passes changes nothing', async () => {
    await using served = await open(kind, { client: { concurrency: 1 } });
    const whole = await extract(served);
    const trouble: StateFault[] = [
      { status: 429, retryAfter: '0' },
      { status: 500 },
      'cut',
      'half',
    ];
    for (const fault of trouble) {
      served.server.faults.push(null, fault);
      served.server.requests.length = 0;
      expect(await extract(served)).toEqual(whole);
      expect(served.server.requests).toHaveLength(prompts.length + 1);
    }
    expect(await readdir(served.folder)).toEqual([]);
  });

  test('an answer that does not come is asked for again', async () => {
    await using served = await open(kind, { client: { timeoutMs: 500 } });
    const whole = await extract(served);
    served.server.faults.push('silent');
    expect(await extract(served)).toEqual(whole);
  });

  test('trouble that stays is told with the item, and what was finished is kept', async () => {
    await using served = await open(kind, { client: { concurrency: 1 } });
    served.server.faults.push(null, ...Array<StateFault>(4).fill({ status: 503 }));
    expect(await messageOf(extract(served))).toBe(
      `item \`q3\`: ${address(served)}/${path.replace('v1/', '')} answered 503 Service Unavailable: trouble (4 tries)`,
    );
    served.server.faults.push({ status: 400 });
    served.server.requests.length = 0;
    expect(await messageOf(extract(served))).toBe(
      `item \`q4\`: ${address(served)}/${path.replace('v1/', '')} answered 400 Bad Request: trouble`,
    );
    expect(served.server.requests).toHaveLength(1);
  });

  test('states of another shape, of no numbers or of nothing are refused', async () => {
    await using served = await open(kind, { client: { concurrency: 1 } });
    const layers = layersOf[kind];
    const from = address(served);
    const expected = `item \`q4\`: expected hidden states of 4 tokens × ${layers} layers × 16 from ${from}, got`;
    const finite = `item \`q4\`: expected finite hidden states from ${from}, got`;
    const short =
      kind === 'sglang'
        ? `item \`q4\`: ${from}/generate left out the states of 1 tokens that it had in its cache; start it with --disable-radix-cache`
        : `${expected} 3 tokens × ${layers} layers × 16; where those of cached tokens are missing, start the server without prefix caching`;
    const cases: [StateFault, string][] = [
      ['short', short],
      ['narrow', `${expected} 4 tokens × ${layers} layers × 8`],
      ['nan', `${finite} NaN at layer 2`],
      ['zeros', `${finite} nothing but zeros at layer ${kind === 'sglang' ? 2 : 1}`],
    ];
    for (const [fault, message] of cases) {
      served.server.faults.push(fault);
      expect(await messageOf(extract(served))).toBe(message);
    }
    expect(await readdir(served.folder)).toEqual([]);
  });

  test('no more prompts are asked for at a time than allowed', async () => {
    for (const concurrency of [1, 2]) {
      await using served = await open(kind, { client: { concurrency } });
      await extract(served);
      expect(served.server.mostOpen()).toBe(concurrency);
    }
  });

  test('an interrupted extraction ends with its reason', async () => {
    const ending = new AbortController();
    await using served = await open(kind, { client: { signal: ending.signal } });
    served.server.faults.push('silent');
    const extracted = extract(served);
    ending.abort(new Error('enough'));
    await expect(extracted).rejects.toThrow('enough');
  });

  test('token ids are sent, and a key', async () => {
    await using served = await open(kind, { server: { apiKey: 'k' }, client: { apiKey: 'k' } });
    served.server.requests.length = 0;
    await extract(served);
    const field = kind === 'sglang' ? 'input_ids' : 'prompt';
    expect(served.server.requests.map((body) => body[field])).toEqual(
      prompts.map(({ ids }) => [...ids]),
    );
    expect(await messageOf(open(kind, { server: { apiKey: 'k' } }))).toContain(
      'answered 401 Unauthorized (the key is read from OPENAI_API_KEY): Invalid key',
    );
  });
});

test('SGLang is asked for the last token alone where that is enough, until it does not know how', async () => {
  for (const knowsLast of [true, false]) {
    await using served = await open('sglang', {
      ...{ server: { knowsLast }, client: { concurrency: 1 } },
    });
    served.server.requests.length = 0;
    for await (const { last } of served.engine.extract(prompts, { pool: ['last'] })) {
      expect(last).toHaveLength(3 * 16);
    }
    const modes = served.server.requests.map((body) => body['return_hidden_states']);
    expect(modes).toEqual(knowsLast ? ['last', 'last', 'last'] : ['last', true, true, true]);
  }
});

test('what an output head says is refused by name', async () => {
  await using served = await open('vllm-lens');
  const output = served.engine.extract(prompts, { pool: ['last', 'output'] });
  expect(await messageOf(output[Symbol.asyncIterator]().next())).toBe(
    '`extract`: expected poolings `last` and `mean` of a server, got `output`; servers give hidden states, not what the output head makes of them',
  );
});

test('a file that vLLM names but does not write where it is looked for is told', async () => {
  const message = await messageOf(
    open('vllm', { client: { folder: '/nowhere', timeoutMs: 1000 } }),
  );
  expect(message.replaceAll(/cmpl-\d+/g, 'cmpl')).toBe(
    "--server-dir: expected the server's file /dev/shm/elsewhere/cmpl.safetensors as cmpl.safetensors in /nowhere within 1 s (--timeout), found none that is whole; is it the folder that the server writes to (shared_storage_path), as it is seen from here?",
  );
});
