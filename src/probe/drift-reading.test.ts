import { expect, test } from 'vitest';
import { randomStream } from '../stats/index.ts';
import { architectureOf } from './architectures.ts';
import { taskDrifts } from './drift.ts';
import { fewReference } from './drift.ts';
import { readDrift, uncentredComponents } from './drift-reading.ts';
import { thumbRule } from './drift-rule.ts';
import type { Head } from './head.ts';
import { createKernel } from './kernel.ts';
import { membersOf } from './members.ts';
import { fitRepresentation } from './representation.ts';

const [count, width] = [60, 4];
const task = Int32Array.from({ length: count }, (_, i) => i % 2);
const items = Int32Array.from({ length: count }, (_, i) => i);
const draws = randomStream('drift');
const components = Float32Array.from({ length: count * width }, () => draws.normal());
const columns = {
  output: null,
  likelihood: null,
  nextTokens: null,
  length: new Float32Array(2 * count),
  text: null,
  answers: null,
};
const segment = {
  view: { components, grids: new Map() },
  columns,
  history: null,
  cut: -1,
  position: 0,
  items,
  task,
};
const source = { components, segment, tasks: 2 };

/** Three small networks on the components alone. */
async function ensembleHead(): Promise<Head> {
  await using kernel = await createKernel({ threads: 1 });
  const spec = {
    architecture: 'mlp',
    states: true,
    output: false,
    likelihood: false,
    length: false,
    text: false,
    answer: false,
    history: 'none',
    ridge: { shared: 30, deviation: 30 },
    recency: 1,
  } as const;
  const rate = Float64Array.from(items, (i) => (components[i * width]! > 0 ? 0.9 : 0.1));
  const data = {
    ...{ features: components, rows: count, width, task, sequences: null, tasks: 2 },
    ...{ rate, weight: rate.map(() => 1), unit: items },
  };
  const how = { ridge: spec.ridge, sharedOnly: { from: 4, to: 4 }, tolerance: null, seed: 0 };
  const fitted = await architectureOf('mlp').fit(data, how, { kernel, start: undefined });
  const none = new Float32Array(0);
  return { spec, stateWidth: width, mean: none, scale: none, fitted };
}

test('means, and the spread of the questions about them', async () => {
  await using kernel = await createKernel({ threads: 1 });
  const reading = await readDrift({ ...source, head: null }, kernel);
  const own = [...items].filter((i) => task[i] === 1);
  const mean = (f: (i: number) => number) => own.reduce((sum, i) => sum + f(i), 0) / own.length;
  const centre = Array.from({ length: width }, (_, j) => mean((i) => components[i * width + j]!));
  centre.forEach((value, j) => expect(reading.means[width + j]).toBeCloseTo(value, 5));
  const square = mean((i) =>
    centre.reduce((sum, value, j) => sum + (components[i * width + j]! - value) ** 2, 0),
  );
  expect(reading.spread[1]).toBeCloseTo(Math.sqrt(square), 5);
  expect([reading.score, reading.disagreement]).toEqual([null, null]);
});

test('an ensemble gives its mean log odds and how far its members are apart', async () => {
  await using kernel = await createKernel({ threads: 1 });
  const head = await ensembleHead();
  const members = membersOf('mlp', head.fitted);
  expect(members).toHaveLength(3);
  const reading = await readDrift({ ...source, head }, kernel);
  const alone = await Promise.all(
    members.map((fitted) => readDrift({ ...source, head: { ...head, fitted } }, kernel)),
  );
  const scores = alone.map(({ score }) => score![0]!);
  expect(reading.score![0]).toBeCloseTo((scores[0]! + scores[1]! + scores[2]!) / 3, 10);
  expect(Math.max(...scores) - Math.min(...scores)).toBeGreaterThan(0);
  // A member by itself is no ensemble.
  expect(alone.map(({ disagreement }) => disagreement)).toEqual([null, null, null]);
  expect(reading.disagreement![0]).toBeGreaterThan(0.01);
  expect(reading.disagreement![0]).toBeLessThan(5);
});

test('components are not centred, whatever the probe reads', async () => {
  await using kernel = await createKernel({ threads: 1 });
  const hidden = 6;
  const states = Float32Array.from({ length: count * hidden }, () => draws.normal());
  const shifted = (by: number) => ({
    checkpoint: 'c',
    activations: { states: () => states.map((x) => x + by), output: null },
    ids: Array.from(task, (_, i) => `q${i}`),
    task,
    rows: items,
  });
  const perTask = {
    pool: 'last',
    layers: [0],
    standardise: 'task',
    align: 'none',
    components: 8,
  } as const;
  const representation = await fitRepresentation([shifted(0), shifted(1), shifted(2)], perTask, {
    hidden,
    kernel,
  });
  const read = async (by: number) => {
    const from = { view: null, source: shifted(by) };
    const own = await uncentredComponents(representation, from, kernel);
    return readDrift({ components: own, head: null, segment, tasks: 2 }, kernel);
  };
  const reference = fewReference([await read(0), await read(1), await read(2)]);
  const status = async (by: number) =>
    taskDrifts(thumbRule(3), reference, { reading: await read(by), horizon: 1 }).map(
      (one) => one.status,
    );
  expect(await status(3)).toEqual(['ok', 'ok']);
  expect(await status(9)).toEqual(['drift', 'drift']);
});
