import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../checkpoint/index.ts';
import { writeTinyCheckpoint } from '../checkpoint/testing/tiny-checkpoint.ts';
import { openLocalEngine } from '../engine/index.ts';
import { TINY_FAMILIES } from '../model/testing/tiny-families.ts';
import { readFloat32 } from '../safetensors/index.ts';
import { writeRandomCheckpoint } from './random-checkpoint.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sonde-random-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe.each(TINY_FAMILIES)('random weights of $name', ({ name, model }) => {
  test('norms start as the identity, biases at zero, and the model runs', async () => {
    const trained = await openCheckpoint(await writeTinyCheckpoint(join(folder, name), { model }));
    const target = join(folder, `${name}-random`);
    const { dir, config, tensors } = trained;
    await writeRandomCheckpoint(target, { dir, config, tensors: tensors.values() }, 0);
    const random = await openCheckpoint(target);
    for (const tensor of random.tensors.values()) {
      const values = await readFloat32(tensor);
      if (tensor.shape.length > 1) {
        const square = values.reduce((sum, value) => sum + value * value, 0) / values.length;
        expect(Math.sqrt(square)).toBeGreaterThan(0.01);
        expect(Math.sqrt(square)).toBeLessThan(0.03);
        continue;
      }
      const identity = name.startsWith('gemma') ? 0 : 1;
      const expected = tensor.name.endsWith('.bias') ? 0 : identity;
      expect(new Set(values)).toEqual(new Set([expected]));
    }
    await using engine = await openLocalEngine(random, { threads: 1 });
    const asked = [{ id: 'q', ids: Int32Array.of(5, 6, 7) }];
    for await (const { last } of engine.extract(asked, { pool: ['last'] })) {
      expect(new Set(last).size).toBeGreaterThan(engine.hidden);
    }
  });
});
