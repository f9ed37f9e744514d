import { truncateSync } from 'node:fs';
import { open as openFile, rename } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { TINY_FAMILIES } from '../model/testing/tiny-families.ts';
import { type LocalEngine, openLocalEngine, type Pool, type TokenisedPrompt } from './index.ts';
import { tinyEngines } from './testing/tiny-engines.ts';

const { checkpointOf, open } = tinyEngines();

const prompts: TokenisedPrompt[] = [9, 2, 17, 1, 12, 30].map((length) => ({
  id: `q${length}`,
  ids: Int32Array.from({ length }, (_, i) => 2 + ((i * 37 + length * 11) % 200)),
}));
const first = Int32Array.from(prompts, ({ ids }) => Math.min(3, ids.length - 1));
const pools = ['last', 'mean', 'output', 'nextTokens', 'likelihood'] as const;

/** All of it in the order of the prompts. */
async function pooled(engine: LocalEngine, pool: readonly Pool[] = pools, asked = prompts) {
  const rows: Record<string, number[]>[] = [];
  const own = first.slice(0, asked.length);
  for await (const batch of engine.extract(asked, { pool, first: own })) {
    for (const [i, row] of batch.rows.entries()) {
      rows[row] = Object.fromEntries(
        pool.map((each) => {
          const width = batch[each]!.length / batch.rows.length;
          return [each, [...batch[each]!.subarray(i * width, (i + 1) * width)]];
        }),
      );
    }
  }
  return rows;
}

async function tokens(engine: LocalEngine, layers: readonly number[]) {
  const found: number[][] = [];
  for await (const { rows, lengths, values } of engine.extractTokens(prompts, {
    layers,
    from: first,
  })) {
    const width = layers.length * engine.hidden;
    let at = 0;
    for (const [i, row] of rows.entries()) {
      found[row] = [...values.subarray(at, at + lengths[i]! * width)];
      at += lengths[i]! * width;
    }
  }
  return found;
}

function expectClose(got: readonly number[], expected: readonly number[]): void {
  expect(got).toHaveLength(expected.length);
  const scale = Math.max(1, ...expected.map(Math.abs));
  for (const [i, value] of expected.entries()) {
    expect(Math.abs(got[i]! - value)).toBeLessThan(2e-5 * scale);
  }
}

/** Room for about two batches of the prompts above: several chunks, of one batch and of more. */
const streaming = { chunkBytes: 6000 };

describe.each(TINY_FAMILIES)('$name', ({ model }) => {
  test('layer by layer gives what the whole model gives', async () => {
    const checkpoint = await checkpointOf({ model });
    const options = { threads: 1, tokenBudget: 34 };
    await using whole = await openLocalEngine(checkpoint, options);
    await using streamed = await openLocalEngine(checkpoint, { ...options, streaming });
    const expected = await pooled(whole);
    for (const [i, row] of (await pooled(streamed)).entries()) {
      for (const pool of pools) expectClose(row[pool]!, expected[i]![pool]!);
    }
    const states = await tokens(whole, [0, 2]);
    for (const [i, row] of (await tokens(streamed, [0, 2])).entries()) expectClose(row, states[i]!);
  });
});

test('a head in several slices gives what the whole head gives', async () => {
  const checkpoint = await checkpointOf({ vocabulary: 1000 });
  await using whole = await openLocalEngine(checkpoint, { threads: 1 });
  const expected = await pooled(whole);
  // Slices of one token, of fewer than are kept of the likeliest, of 300 and what is left, and of all.
  for (const rows of [1, 5, 300, 5000]) {
    const sliced = { ...streaming, headBytes: rows * 4 * whole.hidden };
    await using streamed = await openLocalEngine(checkpoint, { threads: 1, streaming: sliced });
    const some = rows === 1 ? prompts.slice(0, 1) : prompts;
    for (const [i, row] of (await pooled(streamed, pools, some)).entries()) {
      for (const pool of pools) expectClose(row[pool]!, expected[i]![pool]!);
    }
  }
});

test('batches that are there already are left out, work is told, and its teller can end it', async () => {
  await using engine = await open({}, { tokenBudget: 34, streaming });
  const plan = engine.plan(prompts);
  expect(plan.batches.length).toBeGreaterThan(3);
  const skipBatches = new Set([0, 2]);
  let done = 0;
  const options = {
    pool: ['last'],
    skipBatches,
    onWork: (more: number) => (done += more),
  } as const;
  const seen: number[] = [];
  let work = 0;
  for await (const { batch, tokens: more } of engine.extract(prompts, options)) {
    seen.push(batch);
    work += more;
  }
  expect(seen).toEqual([...plan.batches.keys()].filter((batch) => !skipBatches.has(batch)));
  expect(done).toBeCloseTo(work, 6);
  const stopped = engine.extract(prompts, {
    pool: ['last'],
    onWork: () => {
      throw new Error('stop');
    },
  });
  await expect(stopped[Symbol.asyncIterator]().next()).rejects.toThrow('stop');
});

test('only the layers below the highest one wanted are read', async () => {
  const checkpoint = await checkpointOf({ layers: 3 });
  await using engine = await openLocalEngine(checkpoint, { threads: 1, streaming });
  const upTo = (layer: number) => ({ pool: ['last'], layers: [0, layer] }) as const;
  const weights = [...checkpoint.tensors.values()].find(({ name }) => name.includes('layers.2.'))!;
  const parts: number[] = [];
  for await (const { last } of engine.extract(prompts, upTo(2))) parts.push(last!.length);
  expect(parts.reduce((a, b) => a + b)).toBe(prompts.length * 2 * engine.hidden);
  // Gone weights are noticed before the first layer, not where they would be read.
  await rename(weights.file, `${weights.file}.gone`);
  await expect(engine.extract(prompts, upTo(2))[Symbol.asyncIterator]().next()).rejects.toThrow(
    /expected weights of at least \d+ bytes, found none \(in .*; the checkpoint changed since it was opened/,
  );
});

test('weights that became shorter between two layers are named', async () => {
  const checkpoint = await checkpointOf({ layers: 3 });
  const { file } = [...checkpoint.tensors.values()][0]!;
  await using engine = await openLocalEngine(checkpoint, { threads: 1, streaming });
  let layers = 0;
  const pass = engine.extract(prompts, {
    pool: ['last'],
    onWork: () => {
      layers += 1;
      // At once: a mapped file that gets shorter while a layer reads it ends the process.
      if (layers === 1) truncateSync(file, 1000);
    },
  });
  await expect(pass[Symbol.asyncIterator]().next()).rejects.toThrow(
    `found 1000 (in ${file}); the checkpoint changed since it was opened`,
  );
});

test('NaN is named with the layer where it begins', async () => {
  const checkpoint = await checkpointOf({ layers: 3, dtype: 'F32' });
  const broken = checkpoint.tensors.get('model.layers.1.mlp.down_proj.weight')!;
  const handle = await openFile(broken.file, 'r+');
  await handle.write(new Uint8Array(Float32Array.of(Number.NaN).buffer), 0, 4, broken.offset);
  await handle.close();
  await using engine = await openLocalEngine(checkpoint, { threads: 1, streaming });
  await expect(
    engine
      .extract(prompts, { pool: ['last'] })
      [Symbol.asyncIterator]()
      .next(),
  ).rejects.toThrow('got NaN at layer 2 of item `q30`');
});
