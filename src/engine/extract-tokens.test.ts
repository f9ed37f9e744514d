import { open as openFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { type TinyCheckpointOptions } from '../checkpoint/testing/tiny-checkpoint.ts';
import {
  keptLengths,
  openLocalEngine,
  type TokenBatch,
  type TokenisedPrompt,
  type TokenOptions,
  type TokenStateProvider,
} from './index.ts';
import { tinyEngines } from './testing/tiny-engines.ts';

const { checkpointOf, open } = tinyEngines();

const prompts: TokenisedPrompt[] = [3, 40, 1, 17, 18, 29, 5].map((length) => ({
  id: `q${length}`,
  ids: Int32Array.from({ length }, (_, i) => 2 + ((i * 37 + length * 11) % 200)),
}));
const fromStart = new Int32Array(prompts.length);

const SHAPES: TinyCheckpointOptions[] = [
  { family: 'llama', hidden: 16 },
  { family: 'llama', hidden: 64, tied: true, dtype: 'F16', shards: 2 },
  { family: 'qwen3', hidden: 32, dtype: 'F32' },
  { family: 'olmo3', hidden: 16, layers: 4 },
  { family: 'olmo3', hidden: 64, layers: 4 },
];

/** Per prompt, the kept states (tokens, layers, hidden), and the numbers of the batches. */
async function collect(engine: TokenStateProvider, options: TokenOptions) {
  const states: Float32Array[] = prompts.map(() => new Float32Array());
  const batches: number[] = [];
  const width = options.layers.length * engine.hidden;
  for await (const batch of engine.extractTokens(prompts, options)) {
    batches.push(batch.batch);
    let at = 0;
    for (const [i, row] of batch.rows.entries()) {
      const end = at + batch.lengths[i]! * width;
      states[row] = batch.values.slice(at, end);
      at = end;
    }
    expect(at).toBe(batch.values.length);
  }
  return { states, batches };
}

const first = (batches: AsyncIterable<TokenBatch>) => batches[Symbol.asyncIterator]().next();

function expectClose(got: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(got).toHaveLength(expected.length);
  for (let i = 0; i < expected.length; i += 1) {
    expect(Math.abs(got[i]! - expected[i]!)).toBeLessThan(2e-5);
  }
}

describe.each(SHAPES)('token states of %j', (shape) => {
  test('end with the pooled last state, and their mean is the pooled mean', async () => {
    await using engine = await open(shape);
    const layers = Array.from({ length: engine.layers }, (_, i) => i);
    const { states } = await collect(engine, { layers, from: fromStart });
    const width = engine.layers * engine.hidden;
    for await (const { rows, last, mean } of engine.extract(prompts, { pool: ['last', 'mean'] })) {
      for (const [i, row] of rows.entries()) {
        const tokens = states[row]!;
        const count = prompts[row]!.ids.length;
        expect(tokens).toHaveLength(count * width);
        expectClose(tokens.subarray(-width), last!.subarray(i * width, (i + 1) * width));
        const sums = new Float64Array(width);
        for (const [at, value] of tokens.entries()) sums[at % width]! += value / count;
        expectClose(sums, mean!.subarray(i * width, (i + 1) * width));
      }
    }
  });

  test('can be cut in front, in layers and in batches', async () => {
    await using engine = await open(shape);
    await using small = await open(shape, { tokenBudget: 1 });
    const all = Array.from({ length: engine.layers }, (_, i) => i);
    const whole = await collect(engine, { layers: all, from: fromStart });
    const layers = [0, engine.layers - 2];
    const from = Int32Array.from(prompts, ({ ids }) => Math.min(4, ids.length - 1));
    const some = await collect(small, { layers, from, maxTokens: 20 });
    expect(some.batches).toEqual([0, 1, 2, 3, 4, 5, 6]);
    const { hidden } = engine;
    for (const [row, { ids }] of prompts.entries()) {
      const start = Math.max(from[row]!, ids.length - 20);
      const expected = Array.from({ length: ids.length - start }, (_, t) =>
        layers.map((layer) => (start + t) * all.length + layer),
      )
        .flat()
        .flatMap((at) => [...whole.states[row]!.subarray(at * hidden, (at + 1) * hidden)]);
      expectClose(some.states[row]!, expected);
    }
  });
});

test('batches that are there already are left out, in a plan that stays the same', async () => {
  await using engine = await open({}, { tokenBudget: 32 });
  const options = { layers: [1], from: fromStart };
  const whole = await collect(engine, options);
  const rest = await collect(engine, { ...options, skipBatches: new Set([0, 2]) });
  expect(rest.batches).toEqual(whole.batches.filter((batch) => batch !== 0 && batch !== 2));
  for (const [i, states] of rest.states.entries()) {
    if (states.length > 0) expect(states).toEqual(whole.states[i]);
  }
});

test.each([
  [{ layers: [] }, '`extract`: expected at least one layer, got none'],
  [{ layers: [1, 1] }, '`extract`: expected layers from 0 to 2, ascending, got 1,1'],
  [{ maxTokens: 0 }, '`maxTokens`: expected a whole number from 1, got 0; it is how many'],
  [{ maxTokens: 2.5 }, '`maxTokens`: expected a whole number from 1, got 2.5'],
  [{ from: fromStart.with(2, 1) }, 'extractTokens: first token 1 of prompt 2, which has 1'],
  [{ from: new Int32Array(3) }, 'extractTokens: 3 first tokens for 7 prompts'],
])('refuses %j before any work', async (change, message) => {
  await using engine = await open();
  const batches = engine.extractTokens(prompts, { layers: [1], from: fromStart, ...change });
  await expect(first(batches)).rejects.toThrow(message);
});

test('keptLengths counts from the first token asked for, and no more than the most', () => {
  const from = Int32Array.of(0, 4, 9);
  expect(keptLengths([10, 10, 10], { from })).toEqual(Int32Array.of(10, 6, 1));
  expect(keptLengths([10, 10, 10], { from, maxTokens: 5 })).toEqual(Int32Array.of(5, 5, 1));
});

test('names checkpoint, layer and item where states are not finite', async () => {
  const checkpoint = await checkpointOf();
  const { file, offset } = checkpoint.tensors.get('model.layers.0.mlp.down_proj.weight')!;
  const weights = await openFile(file, 'r+');
  await weights.write(Uint8Array.of(0xc0, 0x7f), 0, 2, offset);
  await weights.close();
  await using engine = await openLocalEngine(checkpoint);
  const asked = (layers: number[]) =>
    first(engine.extractTokens(prompts.slice(0, 2), { layers, from: new Int32Array(2) }));
  await expect(asked([0, 1])).rejects.toThrow(
    `\`${checkpoint.id}\`: expected finite hidden states, got NaN at layer 1 of item \`q40\`; ` +
      'the weights hold NaN or infinity, or the model overflows float32',
  );
  // Blocks above the highest layer asked for are not run.
  expect((await asked([0])).value).toMatchObject({ batch: 0 });
});
