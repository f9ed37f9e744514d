import { open as openFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { readModelSpec } from '../model/index.ts';
import { TINY_FAMILIES } from '../model/testing/tiny-families.ts';
import { estimatePass, openLocalEngine } from './index.ts';
import { tinyEngines } from './testing/tiny-engines.ts';

const { checkpointOf } = tinyEngines();

/** A mixture of six experts on one layer, two of them chosen. */
const { config, shapes } = TINY_FAMILIES.find(({ name }) => name === 'olmoe')!.model;
const model = {
  config: { ...config, num_hidden_layers: 1 },
  shapes: shapes.filter(([name]) => !/layers\.[12]\./.test(name)),
};

test('an expert that no token chooses is not computed: NaN in its weights does nothing', async () => {
  const finite: number[] = [];
  for (let expert = 0; expert < 6; expert += 1) {
    const checkpoint = await checkpointOf({ model, dtype: 'F32' });
    const name = `model.layers.0.mlp.experts.${expert}.down_proj.weight`;
    const { file, offset } = checkpoint.tensors.get(name)!;
    await using weights = await openFile(file, 'r+');
    await weights.write(new Uint8Array(Float32Array.of(Number.NaN).buffer), 0, 4, offset);
    await using engine = await openLocalEngine(checkpoint, { threads: 1 });
    const asked = [{ id: 'q', ids: Int32Array.of(5) }];
    const states = engine
      .extract(asked, { pool: ['last'] })
      [Symbol.asyncIterator]()
      .next();
    const failed = await states.then(() => null, String);
    if (failed === null) finite.push(expert);
    else expect(failed).toContain('expected finite hidden states, got NaN at layer 1 of item `q`');
  }
  expect(finite).toHaveLength(4);
});

test('a pass needs the memory of all experts', async () => {
  const memoryOf = async (count: number) => {
    const spec = readModelSpec({ ...config, num_experts: count, num_hidden_layers: 1 }, '/model');
    return (await estimatePass(spec, { threads: 1 })).memoryBytes;
  };
  const [few, many] = [await memoryOf(6), await memoryOf(600)];
  const expert = 3 * 32 * 40;
  const router = 32;
  expect(many - few).toBe(4 * 594 * (expert + router));
});
