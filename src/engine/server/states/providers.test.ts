/** The same of every provider of hidden states: the local engine, and each kind of server. */
import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type EngineCheckpoint,
  type HiddenStateProvider,
  type LocalEngine,
  openLocalEngine,
  type PooledBatch,
  type StateServer,
  type StateServerKind,
  type TokenisedPrompt,
} from '../../index.ts';
import type { StateTestServerOptions } from '../../testing/state-test-server.ts';
import { bundledCheckpoint, openServedStates } from '../../testing/served-states.ts';

const prompts: TokenisedPrompt[] = [3, 40, 1, 17, 18, 29, 5].map((length, row) => ({
  id: `q${length}`,
  ids: Int32Array.from({ length }, (_, i) => 2 + ((i * 37 + row * 11) % 80)),
}));

let checkpoint: EngineCheckpoint;
let local: LocalEngine;
beforeAll(async () => {
  checkpoint = await bundledCheckpoint();
  local = await openLocalEngine(checkpoint, { threads: 1, tokenBudget: 64 });
});
afterAll(() => local[Symbol.asyncDispose]());

type Provider = AsyncDisposable & {
  readonly provider: HiddenStateProvider & Pick<StateServer, 'plan'>;
  /** Layers that it has. */
  readonly layers: readonly number[];
};

type Case = readonly [name: string, open: () => Promise<Provider>];

function served(
  name: string,
  kind: StateServerKind,
  server: Partial<Omit<StateTestServerOptions, 'checkpoint' | 'kind'>> = {},
): Case {
  const open = async (): Promise<Provider> => {
    const opened = await openServedStates(kind, { checkpoint, server });
    return {
      provider: opened.engine,
      layers: opened.engine.offered,
      [Symbol.asyncDispose]: async () => {
        expect(await readdir(opened.folder)).toEqual([]);
        await opened[Symbol.asyncDispose]();
      },
    };
  };
  return [name, open];
}

const all = [0, 1, 2, 3, 4];
const cases: Case[] = [
  [
    'the local engine',
    async () => {
      const provider = await openLocalEngine(checkpoint, { threads: 1, tokenBudget: 32 });
      const dispose = (): PromiseLike<void> => provider[Symbol.asyncDispose]();
      return { provider, layers: all, [Symbol.asyncDispose]: dispose };
    },
  ],
  served('vLLM with files of all blocks', 'vllm'),
  served('vLLM with files of all layers', 'vllm', { layers: all }),
  served('vLLM-Lens, binary', 'vllm-lens'),
  served('vLLM-Lens, in the reply', 'vllm-lens', { transport: 'inline' }),
  served('SGLang', 'sglang'),
  served('SGLang of old', 'sglang', { knowsLast: false }),
];

async function collect(
  provider: HiddenStateProvider,
  options: Parameters<HiddenStateProvider['extract']>[1],
): Promise<PooledBatch[]> {
  const batches: PooledBatch[] = [];
  for await (const batch of provider.extract(prompts, options)) batches.push(batch);
  return batches;
}

/** The states of one pooling by prompt. */
function byPrompt(batches: readonly PooledBatch[], pool: 'last' | 'mean'): number[][] {
  const rows: number[][] = prompts.map(() => []);
  for (const batch of batches) {
    const values = batch[pool];
    const width = (values?.length ?? 0) / batch.rows.length;
    for (const [i, row] of batch.rows.entries()) {
      rows[row] = [...(values ?? []).slice(i * width, (i + 1) * width)];
    }
  }
  return rows;
}

function expectClose(got: readonly number[][], expected: readonly number[][]): void {
  expect(got.map((row) => row.length)).toEqual(expected.map((row) => row.length));
  const distance = got.flatMap((row, i) =>
    row.map((value, j) => Math.abs(value - expected[i]![j]!)),
  );
  expect(Math.max(0, ...distance)).toBeLessThan(1e-5);
}

describe.each(cases)('%s', (_, open) => {
  test('gives the states of the checkpoint, in the batches of its plan', async () => {
    await using opened = await open();
    const { provider, layers } = opened;
    expect({ layers: provider.layers, hidden: provider.hidden }).toEqual({
      layers: local.layers,
      hidden: local.hidden,
    });
    const got = await collect(provider, { pool: ['last', 'mean'], layers });
    const own = await collect(local, { pool: ['last', 'mean'], layers });
    for (const pool of ['last', 'mean'] as const) {
      expectClose(byPrompt(got, pool), byPrompt(own, pool));
    }
    const plan = provider.plan(prompts).batches.map(({ rows }) => rows);
    expect(got.map(({ batch, rows }) => [batch, rows])).toEqual([...plan.entries()]);
    expect(
      got.map(({ output, nextTokens, likelihood }) => [output, nextTokens, likelihood]),
    ).toEqual(plan.map(() => [null, null, null]));
    expect(got.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(113);
    const [first = new Int32Array()] = plan;
    const rest = await collect(provider, { pool: ['last'], layers, skipBatches: new Set([0]) });
    expectClose(
      byPrompt(rest, 'last'),
      byPrompt(own, 'last').map((row, i) => (first.includes(i) ? [] : row)),
    );
  });

  test('gives some layers and one pooling alone', async () => {
    await using opened = await open();
    const layers = [opened.layers[0]!, opened.layers.at(-1)!].filter(
      (l, i, two) => two.indexOf(l) === i,
    );
    for (const pool of ['last', 'mean'] as const) {
      const got = await collect(opened.provider, { pool: [pool], layers });
      expectClose(
        byPrompt(got, pool),
        byPrompt(await collect(local, { pool: [pool], layers }), pool),
      );
      expect(got[0]![pool === 'last' ? 'mean' : 'last']).toBeNull();
    }
  });

  test('refuses layers and prompts that the checkpoint does not have', async () => {
    await using opened = await open();
    const { provider } = opened;
    await expect(collect(provider, { pool: ['last'], layers: [5] })).rejects.toThrow(
      '`extract`: expected layers from 0 to 4, ascending, got 5',
    );
    await expect(collect(provider, { pool: [] })).rejects.toThrow(
      '`extract`: expected at least one pooling, got none',
    );
    const long = [{ id: 'long', ids: new Int32Array(100_000).fill(3) }];
    await expect(
      provider
        .extract(long, { pool: ['last'] })
        [Symbol.asyncIterator]()
        .next(),
    ).rejects.toThrow("prompt longer than the model's context: item `long`");
  });
});
