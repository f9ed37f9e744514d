import { open as openFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { TINY_FAMILIES } from '../model/testing/tiny-families.ts';
import { type EngineOptions, type LocalEngine, openLocalEngine } from './index.ts';
import { int8Steps } from './int8-steps.ts';
import { tinyEngines } from './testing/tiny-engines.ts';

const { checkpointOf } = tinyEngines();

const prompts = [9, 2, 17, 1, 12, 30].map((length) => ({
  id: `q${length}`,
  ids: Int32Array.from({ length }, (_, i) => 2 + ((i * 37 + length * 11) % 200)),
}));

/** (prompts, layers · hidden) of `last` and `mean`, in the order of the prompts. */
async function states(engine: LocalEngine): Promise<Float32Array> {
  const width = engine.layers * engine.hidden;
  const rows = new Float32Array(2 * prompts.length * width);
  for await (const batch of engine.extract(prompts, { pool: ['last', 'mean'] })) {
    for (const [i, row] of batch.rows.entries()) {
      const own = (values: Float32Array) => values.subarray(i * width, (i + 1) * width);
      rows.set(own(batch.last!), 2 * row * width);
      rows.set(own(batch.mean!), (2 * row + 1) * width);
    }
  }
  return rows;
}

/** The largest relative distance of a layer's states. */
function worst(got: Float32Array, expected: Float32Array, hidden: number): number {
  expect(got).toHaveLength(expected.length);
  const errors = Array.from({ length: got.length / hidden }, (_, row) => {
    const own = expected.subarray(row * hidden, (row + 1) * hidden);
    const difference = own.map((value, i) => value - got[row * hidden + i]!);
    return Math.hypot(...difference) / Math.hypot(...own);
  });
  return Math.max(...errors);
}

/** Several batches, of one prompt and of more. */
const options = { threads: 1, tokenBudget: 34 };

describe.each(TINY_FAMILIES)('$name', ({ model }) => {
  test('int8 is near float32, whatever the batch, resident and layer by layer', async () => {
    const checkpoint = await checkpointOf({ model });
    const statesBy = async (more: EngineOptions): Promise<Float32Array> => {
      await using engine = await openLocalEngine(checkpoint, { ...options, ...more });
      return await states(engine);
    };
    const hidden = Number(checkpoint.config['hidden_size'] ?? checkpoint.config['n_embd']);
    const exact = await statesBy({});
    const int8 = await statesBy({ precision: 'int8' });
    const error = worst(int8, exact, hidden);
    // 0.07 where a router chooses another expert, 0.01 to 0.05 elsewhere: of so few values a token few errors cancel. Where
    // the processor leaves weights half the steps, errors are twice as large.
    expect(error).toBeGreaterThan(1e-5);
    expect(error).toBeLessThan((0.1 * 127) / (await int8Steps()));
    // Each token is rounded on its own; a value that lies between two steps may go either way.
    const together = await statesBy({ precision: 'int8', tokenBudget: 4096 });
    expect(worst(together, int8, hidden)).toBeLessThan(0.01);
    const streamed = await statesBy({ precision: 'int8', streaming: { chunkBytes: 6000 } });
    expect(worst(streamed, int8, hidden)).toBeLessThan(0.01);
  });
});

test('a weight that is not finite is named: whole numbers could not say so', async () => {
  for (const [value, found] of [
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, 'infinity'],
  ] as const) {
    const checkpoint = await checkpointOf({ dtype: 'F32' });
    const broken = checkpoint.tensors.get('model.layers.1.mlp.down_proj.weight')!;
    const handle = await openFile(broken.file, 'r+');
    const at = broken.offset + 4 * (broken.shape[1]! + 3);
    await handle.write(new Uint8Array(Float32Array.of(value).buffer), 0, 4, at);
    await handle.close();
    await using engine = await openLocalEngine(checkpoint, { ...options, precision: 'int8' });
    await expect(states(engine)).rejects.toThrow(
      `\`${checkpoint.id}\`: expected finite weights, got ${found} in tensor \`model.layers.1.mlp.down_proj.weight\`, output 1 (in ${broken.file})`,
    );
  }
});
