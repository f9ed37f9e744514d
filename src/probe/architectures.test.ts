import { describe, expect, test } from 'vitest';
import { randomStream, softAuroc } from '../stats/index.ts';
import { ARCHITECTURES, architectureOf, tokenLayersOf } from './architectures.ts';
import type { ProbeData } from './estimator.ts';
import { createKernel } from './kernel.ts';
import { layerGrid, sequencesOf } from './state-grid.ts';

const WIDTH = 6;
const TASKS = 3;

/** Rates follow a plane in the features, which also stand in the states that some architectures pool. */
function planted(rows: number, seed: number, shuffled = false): ProbeData {
  const stream = randomStream('architectures', seed);
  const features = Float32Array.from({ length: rows * WIDTH }, () => stream.normal());
  const task = Int32Array.from({ length: rows }, () => stream.integer(TASKS));
  const signal = Float64Array.from({ length: rows }, (_, i) => {
    const z = 1.5 * features[i * WIDTH]! - features[i * WIDTH + 3]! + 0.5 * task[i]! - 0.5;
    return 1 / (1 + Math.exp(-z));
  });
  const rate = shuffled ? signal.map(() => signal[stream.integer(rows)]!) : signal;
  const rowsOf = Int32Array.from({ length: rows }, (_, i) => i);
  const grid = layerGrid([features, features], rows);
  return {
    features,
    rows,
    width: WIDTH,
    task,
    tasks: TASKS,
    rate,
    weight: new Float64Array(rows).fill(1),
    unit: rowsOf,
    sequences: sequencesOf([grid], { grid: new Int32Array(rows), item: rowsOf }),
  };
}

const head = {
  ridge: { shared: 1, deviation: 1 },
  sharedOnly: { from: WIDTH, to: WIDTH },
  tolerance: 1e-4,
  seed: 0,
};

describe.each(ARCHITECTURES.map((name) => [name] as const))('%s', (name) => {
  const architecture = architectureOf(name);

  test('finds what is there, says nothing where labels are shuffled, and comes back from its tensors', async () => {
    await using kernel = await createKernel({ threads: 1 });
    const [train, other] = [planted(600, 1), planted(400, 2)];
    const fit = await architecture.fit(train, head, { kernel, start: undefined });
    const p = await fit.predict(other, kernel);
    expect(p.every((value) => value > 0 && value < 1)).toBe(true);
    expect(softAuroc(p, other.rate)!).toBeGreaterThan(0.7);
    const tensors = fit.toTensors().map((tensor) => [tensor.name, tensor] as const);
    const restored = architecture.restore(new Map(tensors));
    expect(await restored.predict(other, kernel)).toEqual(p);
    const blind = planted(600, 3, true);
    const nothing = await architecture.fit(blind, head, { kernel, start: undefined });
    const auroc = softAuroc(await nothing.predict(other, kernel), other.rate)!;
    expect(Math.abs(auroc - 0.5)).toBeLessThan(0.12);
  });

  test('features that say nothing leave the level', async () => {
    await using kernel = await createKernel({ threads: 1 });
    const flat = { ...planted(300, 4), features: new Float32Array(300 * WIDTH) };
    const zero = layerGrid([flat.features, flat.features], 300);
    const rows = { grid: new Int32Array(300), item: flat.unit };
    const data = { ...flat, sequences: sequencesOf([zero], rows), rate: flat.rate.map(() => 0.3) };
    const fit = await architecture.fit(data, head, { kernel, start: undefined });
    for (const value of await fit.predict(data, kernel)) expect(value).toBeCloseTo(0.3, 1);
  });
});

test('the layers whose tokens are read', () => {
  expect(ARCHITECTURES.map((name) => [name, tokenLayersOf(name, 33)])).toEqual([
    ['linear', null],
    ['ridge', null],
    ['massMean', null],
    ['lda', null],
    ['mlp', null],
    ['scalarMix', null],
    ['layerTransformer', null],
    ['attention', [32]],
    ['submodel', [16]],
    ['twoStage', [8, 16, 24, 32]],
  ]);
});
