import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../checkpoint/index.ts';
import {
  type TinyCheckpointOptions,
  writeTinyCheckpoint,
} from '../checkpoint/testing/tiny-checkpoint.ts';
import { checkTokenIds } from './head-pools.ts';
import {
  type EngineOptions,
  type HeadPool,
  type LocalEngine,
  openLocalEngine,
  type TokenisedPrompt,
} from './index.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pools: readonly HeadPool[] = ['output', 'nextTokens', 'likelihood'];

let folder = '';
let made = 0;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sonde-head-'));
});
afterAll(() => rm(folder, { recursive: true }));

const open = async (options: TinyCheckpointOptions, engine: EngineOptions = {}) => {
  const dir = path.join(folder, String((made += 1)));
  const checkpoint = await openCheckpoint(await writeTinyCheckpoint(dir, options));
  return await openLocalEngine(checkpoint, { threads: 1, ...engine });
};

const prompt = (id: string, length: number): TokenisedPrompt => ({
  id,
  ids: Int32Array.from({ length }, (_, i) => 2 + ((i * 37 + length * 11) % 200)),
});

type Rows = Record<HeadPool, number[]>;

/** What the head gives for each prompt, in their order. */
async function collect(
  engine: LocalEngine,
  prompts: readonly TokenisedPrompt[],
  first: readonly number[],
): Promise<Rows[]> {
  const rows = prompts.map((): Rows => ({ output: [], nextTokens: [], likelihood: [] }));
  const asked = { pool: pools, first: Int32Array.from(first) };
  for await (const batch of engine.extract(prompts, asked)) {
    expect([batch.last, batch.mean]).toEqual([null, null]);
    for (const pool of pools) {
      const width = batch[pool]!.length / batch.rows.length;
      for (const [i, row] of batch.rows.entries()) {
        rows[row]![pool] = [...batch[pool]!.subarray(i * width, (i + 1) * width)];
      }
    }
  }
  return rows;
}

function worstDifference(got: readonly number[], expected: readonly number[]): number {
  expect(got).toHaveLength(expected.length);
  return Math.max(...got.map((value, i) => Math.abs(value - expected[i]!)));
}

describe('against transformers', () => {
  type Golden = {
    readonly checkpoint: string;
    readonly items: readonly {
      readonly id: string;
      readonly tokens: readonly number[];
      readonly first: number;
      readonly entropy: number;
      readonly nextTokens: readonly number[];
      readonly likelihood: readonly number[];
    }[];
  };

  test('next tokens and likelihoods are the same', async () => {
    const text = await readFile(path.join(root, 'test/golden/head.json'), 'utf8');
    const golden = JSON.parse(text) as Golden;
    const dir = path.join(root, 'examples/tiny-olmo3', golden.checkpoint);
    await using engine = await openLocalEngine(await openCheckpoint(dir));
    const prompts = golden.items.map(({ id, tokens }) => ({ id, ids: Int32Array.from(tokens) }));
    const rows = await collect(
      engine,
      prompts,
      golden.items.map(({ first }) => first),
    );
    let [worst, clear] = [0, 0];
    for (const [i, { entropy, nextTokens, likelihood }] of golden.items.entries()) {
      const [ids, probabilities] = [nextTokens.slice(0, 8), nextTokens.slice(8)];
      const row = rows[i]!;
      worst = Math.max(
        worst,
        worstDifference(row.output, [entropy, ...probabilities.slice(0, 3)]),
        worstDifference(row.nextTokens.slice(8), probabilities),
        worstDifference(row.likelihood, likelihood),
      );
      // Tokens that are about as likely as their neighbours may stand in another order.
      for (let rank = 0; rank < 7; rank += 1) {
        const [before = 2, own, after] = [-1, 0, 1].map((d) => probabilities[rank + d]);
        if (Math.min(before - own!, own! - after!) < 1e-5) continue;
        expect(row.nextTokens[rank]).toBe(ids[rank]);
        clear += 1;
      }
    }
    // Float32 in another order of operations; 3e-6 when this was written.
    expect(worst).toBeLessThan(2e-5);
    expect(clear).toBeGreaterThan(150);
  });
});

describe('likelihood', () => {
  test('is over the predictions of own tokens, from what was read before each', async () => {
    await using engine = await open({ family: 'qwen3', hidden: 32 });
    const whole = prompt('q', 12);
    const prefixes = whole.ids.map((_, i) => i + 1);
    const shorter = Array.from(prefixes, (length) => ({
      id: String(length),
      ids: whole.ids.subarray(0, length),
    }));
    const before = await collect(
      engine,
      shorter,
      Array.from(prefixes, (length) => length),
    );
    const [row] = await collect(engine, [whole], [9]);
    const entropies = [8, 9, 10].map((at) => before[at]!.output[0]!);
    expect(
      worstDifference(row!.likelihood.slice(2), [
        entropies.reduce((sum, each) => sum + each) / 3,
        Math.max(...entropies),
      ]),
    ).toBeLessThan(2e-5);
    expect(before.map(({ likelihood }) => likelihood)).toEqual(before.map(() => [0, 0, 0, 0]));
    expect(worstDifference(row!.output, before[11]!.output)).toBeLessThan(2e-5);
  });

  test('leaves out the token at position 0 and all but the last 64', async () => {
    await using engine = await open({});
    const long = prompt('long', 90);
    const asked = [prompt('one', 1), prompt('q', 5), prompt('q', 5), long, long];
    const rows = (await collect(engine, asked, [0, 0, 1, 0, 26])).map((row) => row.likelihood);
    expect(rows[0]).toEqual([0, 0, 0, 0]);
    expect(rows[1]).toEqual(rows[2]);
    expect(worstDifference(rows[3]!, rows[4]!)).toBeLessThan(2e-5);
    const fewer = (await collect(engine, [long], [27]))[0]!.likelihood;
    expect(worstDifference(fewer, rows[4]!)).toBeGreaterThan(1e-3);
  });

  test('does not depend on how many tokens go through the head at once', async () => {
    const options = { vocabulary: 100_000, contextLength: 128 };
    const prompts = [prompt('a', 100), prompt('b', 101), prompt('c', 102)];
    // 195 rows in one batch: three runs of up to 83; 65 rows in each batch of one prompt.
    await using engine = await open(options);
    await using alone = await open(options, { tokenBudget: 1 });
    const [together, apart] = [
      await collect(engine, prompts, [0, 50, 0]),
      await collect(alone, prompts, [0, 50, 0]),
    ];
    for (const [i, row] of together.entries()) {
      for (const pool of ['output', 'likelihood'] as const) {
        expect(worstDifference(row[pool], apart[i]![pool])).toBeLessThan(2e-5);
      }
      expect(row.nextTokens.slice(0, 8)).toEqual(apart[i]!.nextTokens.slice(0, 8));
    }
  });

  test('needs the first own token of each prompt', async () => {
    await using engine = await open({});
    const next = (first?: Int32Array) =>
      engine
        .extract([prompt('q', 4)], {
          pool: ['likelihood'],
          ...(first === undefined ? {} : { first }),
        })
        [Symbol.asyncIterator]()
        .next();
    await expect(next()).rejects.toThrow(
      '`extract`: expected `first`, the first own token of each prompt, for `likelihood`, got none',
    );
    await expect(next(Int32Array.of(0, 1))).rejects.toThrow('2 first tokens for 1 prompts');
    await expect(next(Int32Array.of(5))).rejects.toThrow('first token 5 of prompt 0, which has 4');
  });
});

describe('next tokens', () => {
  test('of a vocabulary of fewer than eight are followed by none', async () => {
    await using engine = await open({ vocabulary: 2 });
    const [row] = await collect(engine, [{ id: 'q', ids: Int32Array.of(1, 0, 1) }], [1]);
    const { nextTokens, output } = row!;
    expect(nextTokens.slice(0, 2).sort()).toEqual([0, 1]);
    expect(nextTokens[8]! + nextTokens[9]!).toBeCloseTo(1, 5);
    expect(nextTokens[8]).toBeGreaterThan(nextTokens[9]!);
    expect(nextTokens.slice(2, 8)).toEqual([-1, -1, -1, -1, -1, -1]);
    expect(nextTokens.slice(10)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(output.slice(1)).toEqual([...nextTokens.slice(8, 10), 0]);
  });

  test('are refused of a vocabulary that float32 cannot count', () => {
    const limits = { checkpoint: 'run/1', contextLength: null };
    checkTokenIds({ ...limits, vocabulary: 2 ** 24 });
    expect(() => {
      checkTokenIds({ ...limits, vocabulary: 2 ** 24 + 1 });
    }).toThrow(
      '`run/1`: expected a vocabulary of at most 16777216 tokens, got 16777217 (`vocab_size`); the likeliest next tokens ' +
        'are kept as float32, which is exact up to there: such a model cannot be extracted',
    );
  });
});
