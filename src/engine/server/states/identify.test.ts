import { beforeAll, expect, test } from 'vitest';
import { UserError } from '../../../error/index.ts';
import { openStateServer, type EngineCheckpoint } from '../../index.ts';
import { openServedStates } from '../../testing/served-states.ts';
import { tinyEngines } from '../../testing/tiny-engines.ts';

const { checkpointOf } = tinyEngines();
const shape = { family: 'olmo3', layers: 4, dtype: 'F32' } as const;
let checkpoint: EngineCheckpoint;
beforeAll(async () => {
  checkpoint = await checkpointOf(shape);
});

async function messageOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UserError);
  return (error as UserError).message;
}

test.each([
  ['F32', 1e-6],
  ['F16', 1e-3],
  ['BF16', 1e-2],
] as const)('a server of %s is recognised, with its distance', async (dtype, most) => {
  for (const kind of ['vllm', 'vllm-lens'] as const) {
    await using served = await openServedStates(kind, { checkpoint, server: { dtype } });
    const { identity, offered } = served.engine;
    expect({ ...identity, distance: null, offered }).toEqual({
      ...{ layers: [1, 2, 3, 4], dtype, offered: [0, 1, 2, 3, 4], distance: null },
      compared: { layers: [1, 2, 3, 4], distance: identity.compared?.distance },
    });
    expect(identity.compared?.distance).toBeLessThan(most);
    expect(identity.compared?.distance).toBeGreaterThanOrEqual(dtype === 'F32' ? 0 : most / 100);
  }
});

test('SGLang gives the last layer alone', async () => {
  await using served = await openServedStates('sglang', { checkpoint });
  const { identity, offered } = served.engine;
  expect({ layers: identity.layers, dtype: identity.dtype, offered }).toEqual({
    ...{ layers: [4], dtype: 'text', offered: [4] },
  });
});

test('files of some layers are read as --server-layers says', async () => {
  const layers = [0, 2, 4];
  await using served = await openServedStates('vllm', {
    ...{ checkpoint, server: { layers }, client: { layers } },
  });
  expect(served.engine.offered).toEqual(layers);
  const asked = served.engine.extract([{ id: 'a', ids: Int32Array.of(5) }], {
    ...{ pool: ['last'], layers: [1, 2] },
  });
  expect(await messageOf(asked[Symbol.asyncIterator]().next())).toBe(
    `--layers: expected layers that ${served.server.url} gives (0,2,4), got 1`,
  );
});

test('files of some layers that nobody named are refused', async () => {
  expect(
    await messageOf(openServedStates('vllm', { checkpoint, server: { layers: [1, 3] } })),
  ).toBe(
    '--server-layers: expected the layers that the server was started with (eagle_aux_hidden_state_layer_ids): it gives 2 of a model of 4 blocks, got none',
  );
});

test('layers that are counted in another way are noticed', async () => {
  const shifted = { server: { layers: [0, 1, 2, 3] } };
  expect(await messageOf(openServedStates('vllm', { checkpoint, ...shifted }))).toMatch(
    /its states of a short prompt at layer 1 differ from the checkpoint's own by [\d.]+ %, more than 1 %/,
  );
});

test('another checkpoint is noticed', async () => {
  const other = await checkpointOf({ ...shape, seed: 1 });
  for (const kind of ['vllm', 'vllm-lens', 'sglang'] as const) {
    const message = await messageOf(openServedStates(kind, { checkpoint, served: other }));
    expect(message).toMatch(
      /^`[^`]+`: expected the server http:\S+ \(model tiny\) to have this checkpoint: its states of a short prompt at layer \d differ from the checkpoint's own by \d+ %, more than \d+ %; it has other weights or quantised ones, or its layers are not those that --server-layers says$/,
    );
  }
  const wide = await checkpointOf({ ...shape, hidden: 32 });
  expect(await messageOf(openServedStates('vllm-lens', { checkpoint, served: wide }))).toContain(
    'item `identity check`: expected hidden states of 8 tokens × 4 layers × 16 from',
  );
});

test('a server of another kind, name or place is told', async () => {
  await using served = await openServedStates('vllm-lens', { checkpoint });
  const { url } = served.server;
  const options = {
    ...{ baseUrl: url, apiKey: null, model: null, concurrency: 1, timeoutMs: 10_000 },
    ...{ folder: '/nowhere', retry: { retries: 0, minDelayMs: 0, maxDelayMs: 1 } },
  };
  expect(await messageOf(openStateServer(checkpoint, { ...options, kind: 'vllm' }))).toBe(
    `item \`identity check\`: ${url}/completions answered without hidden states (at \`kv_transfer_params\`: Invalid input: expected object, received undefined); start vLLM with the method extract_hidden_states, see docs/gpu.md`,
  );
  expect(await messageOf(openStateServer(checkpoint, { ...options, kind: 'sglang' }))).toBe(
    `item \`identity check\`: ${url.replace('/v1', '')}/generate answered 404 Not Found: Not Found`,
  );
  const named = { ...options, kind: 'vllm-lens', model: 'other' } as const;
  expect(await messageOf(openStateServer(checkpoint, named))).toBe(
    `--model: expected a model that ${url} lists (tiny), got \`other\``,
  );
  const gone = { ...options, kind: 'vllm-lens', baseUrl: 'http://127.0.0.1:1/v1' } as const;
  expect(await messageOf(openStateServer(checkpoint, gone))).toBe(
    '--server: expected http://127.0.0.1:1/v1/models to list the models, it refused the connection (ECONNREFUSED)',
  );
  const homeless = { ...options, kind: 'vllm', folder: null } as const;
  expect(await messageOf(openStateServer(checkpoint, homeless))).toBe(
    '--server-dir: expected the folder that the server writes hidden states to (shared_storage_path), as it is seen from here, got none',
  );
});
