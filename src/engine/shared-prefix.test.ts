import { describe, expect, test } from 'vitest';
import type { Checkpoint } from '../checkpoint/index.ts';
import { TINY_FAMILIES } from '../model/testing/tiny-families.ts';
import { type LocalEngine, openLocalEngine, type PrefixSharing } from './index.ts';
import { tinyEngines } from './testing/tiny-engines.ts';

const { checkpointOf } = tinyEngines();

/** Two shared passages, one of them in two stages, ends of several lengths, and a prompt that shares nothing. */
const prompts = (() => {
  const text = (length: number, seed: number): number[] =>
    Array.from({ length }, (_, i) => 2 + ((i * 37 + seed * 11 + i * i * seed) % 200));
  const [first, second, third] = [text(23, 3), text(31, 4), text(9, 5)];
  return [
    [...first, ...text(5, 6)],
    [...second, ...text(3, 7)],
    [...first, ...text(12, 8)],
    [...second, ...third, ...text(1, 9)],
    [...first, ...text(1, 10)],
    text(17, 11),
    [...second, ...third, ...text(20, 12)],
    [...first, ...text(5, 6)],
    [...second, ...third, ...text(7, 13)],
  ].map((ids, i) => ({ id: `q${i}`, ids: Int32Array.from(ids) }));
})();

/** The likelihood reads tokens of the shared passages too. */
const first = Int32Array.from(prompts, (_, i) => i % 4);

type Kept = Record<string, number[]>[];

async function pooled(engine: LocalEngine, layers: readonly number[]): Promise<Kept> {
  const rows: Kept = [];
  const pool = ['last', 'mean', 'output', 'nextTokens', 'likelihood'] as const;
  for await (const batch of engine.extract(prompts, { pool, layers, first })) {
    for (const [i, row] of batch.rows.entries()) {
      rows[row] = Object.fromEntries(
        pool.map((name) => {
          const data = batch[name]!;
          const width = data.length / batch.rows.length;
          return [name, [...data.subarray(i * width, (i + 1) * width)]];
        }),
      );
    }
  }
  return rows;
}

async function tokens(engine: LocalEngine, maxTokens?: number): Promise<Kept> {
  const rows: Kept = [];
  const options = { layers: [0, 1, 2], from: first, ...(maxTokens ? { maxTokens } : {}) };
  for await (const batch of engine.extractTokens(prompts, options)) {
    const width = 3 * engine.hidden;
    let at = 0;
    for (const [i, row] of batch.rows.entries()) {
      const end = at + batch.lengths[i]! * width;
      rows[row] = { tokens: [...batch.values.subarray(at, end)] };
      at = end;
    }
  }
  return rows;
}

/** Answers of the likeliest tokens, and the likelihood of each prompt's last ones, by prompt. */
async function answered(engine: LocalEngine): Promise<Record<string, readonly string[]>> {
  const answers: Record<string, readonly string[]> = {};
  const asked = prompts.map((prompt) => ({ ...prompt, maxTokens: 5, stop: [] }));
  const options = { samples: 2, temperature: 0, topP: 1, seed: 0 };
  for await (const { id, answers: own } of engine.sample(asked, options)) answers[id] = own;
  return answers;
}

async function scored(engine: LocalEngine): Promise<Kept> {
  const rows: Kept = prompts.map(() => ({}));
  const choices = prompts.map((prompt) => ({
    ...prompt,
    from: Math.max(1, prompt.ids.length - 3),
  }));
  for await (const { id, logLikelihood } of engine.score(choices)) {
    rows[prompts.findIndex((prompt) => prompt.id === id)] = { logLikelihood: [logLikelihood] };
  }
  return rows;
}

function expectClose(got: Kept, expected: Kept): void {
  expect(got).toHaveLength(expected.length);
  for (const [row, pools] of expected.entries()) {
    for (const [name, values] of Object.entries(pools)) {
      const size = Math.hypot(...values);
      const apart = Math.hypot(...values.map((value, i) => value - got[row]![name]![i]!));
      expect(apart, `${name} of prompt ${row}`).toBeLessThan(1e-5 * Math.max(1, size));
    }
  }
}

function open(checkpoint: Checkpoint, prefixSharing: PrefixSharing, tokenBudget = 64) {
  return openLocalEngine(checkpoint, { threads: 1, prefixSharing, tokenBudget });
}

describe.each(TINY_FAMILIES)('$name', ({ model }) => {
  test('shared prefixes change nothing', async () => {
    const checkpoint = await checkpointOf({ model });
    await using apart = await open(checkpoint, 'never');
    await using shared = await open(checkpoint, 'always');
    expect(shared.plan(prompts).prefixes).toHaveLength(4);
    const layers = Array.from({ length: apart.layers }, (__, i) => i);
    expectClose(await pooled(shared, layers), await pooled(apart, layers));
    expectClose(await tokens(shared), await tokens(apart));
    expectClose(await tokens(shared, 6), await tokens(apart, 6));
    expectClose(await scored(shared), await scored(apart));
    expect(await answered(shared)).toEqual(await answered(apart));
  });
});

test('a pass that goes on gives the batches that are left, bit by bit', async () => {
  await using engine = await open(await checkpointOf(), 'always');
  const run = async (skipBatches: ReadonlySet<number>) => {
    const batches = [];
    for await (const batch of engine.extract(prompts, { pool: ['last', 'mean'], skipBatches })) {
      batches.push(batch);
    }
    return batches;
  };
  const all = await run(new Set());
  expect(all.map(({ batch, rows }) => ({ batch, rows }))).toEqual(
    engine.plan(prompts).batches.map(({ rows }, batch) => ({ batch, rows })),
  );
  // The prefixes of what is left are made again, also those that only a longer one begins with.
  for (const skipped of [[0], [0, 1, 2], [1, 3], all.slice(1).map(({ batch }) => batch)]) {
    const left = await run(new Set(skipped));
    expect(left).toEqual(all.filter(({ batch }) => !skipped.includes(batch)));
  }
});

test('prefixes longer than a run are made in several', async () => {
  const checkpoint = await checkpointOf();
  await using apart = await open(checkpoint, 'never');
  await using shared = await open(checkpoint, 'always', 7);
  const layers = [0, 2];
  expectClose(await pooled(shared, layers), await pooled(apart, layers));
  expectClose(await tokens(shared), await tokens(apart));
});
