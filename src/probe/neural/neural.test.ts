import { describe, expect, test } from 'vitest';
import {
  mean,
  meanOfKnown,
  type RandomStream,
  randomStream,
  softAuroc,
} from '../../stats/index.ts';
import { createKernel } from '../kernel.ts';
import type { FittedProbe, Probe, ProbeData, Sequences } from '../estimator.ts';
import {
  attentionPool,
  ensemble,
  layerTransformer,
  mlp,
  scalarMix,
  type TrainingOptions,
  twoStage,
} from './index.ts';

const [WIDTH, HIDDEN, TASKS] = [8, 6, 3];
const training = { epochs: 15, batch: 32, learningRate: 0.01 } as const;

type Grid = { readonly layers: number; readonly positions: number };

type Trial = {
  readonly name: string;
  readonly grid: Grid | null;
  readonly fit: (data: ProbeData, extra?: TrainingOptions) => Promise<FittedProbe>;
  readonly restore: Probe<unknown>['restore'];
};

function trial<Options extends TrainingOptions>(
  probe: Probe<Options>,
  grid: Grid | null,
  options: Options,
): Trial {
  return {
    name: probe.name,
    grid,
    fit: async (data, extra = {}) => {
      await using kernel = await createKernel({ threads: 1 });
      return await probe.fit(data, { ...training, ...options, ...extra }, kernel);
    },
    restore: (tensors) => probe.restore(tensors),
  };
}

const layers = { layers: 5, positions: 1 };
const tokens = { layers: 1, positions: 7 };

const trials: readonly Trial[] = [
  trial(mlp, null, { hidden: 16 }),
  trial(scalarMix, layers, {}),
  trial(layerTransformer, layers, { size: 16, heads: 2, epochs: 30, learningRate: 0.005 }),
  trial(attentionPool, tokens, { heads: 2, epochs: 40 }),
  trial(twoStage, { layers: 3, positions: 5 }, { size: 16, heads: 2 }),
  trial(ensemble(mlp), null, { hidden: 8, members: 2 }),
];

/**
 * Questions of three tasks of different difficulty, two rows each; the signal is in the features, or for an architecture
 * that pools in one number of the middle layer's last state, with noise everywhere else.
 */
function planted(
  { grid }: Trial,
  seed: number,
  { width = WIDTH, questions = 300 } = {},
): ProbeData {
  const stream = randomStream('planted', seed);
  const rows = 2 * questions;
  const unit = Int32Array.from({ length: rows }, (_, i) => i >> 1);
  const task = unit.map((question) => question % TASKS);
  const features = Float32Array.from({ length: rows * width }, () => stream.normal());
  const sequences = grid === null ? null : gridOf(grid, rows, stream);
  const signal = (row: number) =>
    sequences === null ? (width > 0 ? features[row * width]! : 0) : sequences.signal(row);
  const rate = Float64Array.from(task, (t, row) => 1 / (1 + Math.exp(-2.5 * signal(row) - t + 1)));
  return {
    features,
    rows,
    width,
    task,
    tasks: TASKS,
    sequences,
    rate,
    weight: new Float64Array(rows).fill(1),
    unit,
  };
}

function gridOf(
  { layers, positions }: Grid,
  rows: number,
  stream: RandomStream,
): Sequences & { signal: (row: number) => number } {
  const each = layers * positions * HIDDEN;
  const lengths = Int32Array.from({ length: rows }, () => 1 + stream.integer(positions));
  const all = new Float32Array(rows * each);
  for (let row = 0; row < rows; row += 1) {
    for (let i = 0; i < each; i += 1) {
      const position = Math.floor(i / HIDDEN) % positions;
      if (position < lengths[row]!) all[row * each + i] = stream.normal();
    }
  }
  return {
    layers,
    positions,
    hidden: HIDDEN,
    read: (picked) => {
      const values = new Float32Array(picked.length * each);
      picked.forEach((row, i) => values.set(all.subarray(row * each, (row + 1) * each), i * each));
      return Promise.resolve({ values, lengths: picked.map((row) => lengths[row]!) });
    },
    signal: (row) =>
      all[row * each + ((layers >> 1) * positions + lengths[row]! - 1) * HIDDEN + 2]!,
  };
}

async function predict(fit: FittedProbe, data: ProbeData): Promise<Float64Array> {
  await using kernel = await createKernel({ threads: 1 });
  return await fit.predict(data, kernel);
}

/** AUROC inside each task, so that the tasks' levels give 0.5. */
async function skill(fit: FittedProbe, data: ProbeData): Promise<number> {
  const p = await predict(fit, data);
  const inside = Array.from({ length: TASKS }, (_, t) => {
    const rows = [...data.task.keys()].filter((row) => data.task[row] === t);
    return softAuroc(
      rows.map((row) => p[row]!),
      rows.map((row) => (data.rate[row]! > 0.5 ? 1 : 0)),
    )!;
  });
  return inside.reduce((sum, value) => sum + value, 0) / TASKS;
}

describe.each(trials)('$name', (architecture) => {
  const data = planted(architecture, 1);
  const unseen = planted(architecture, 2);

  test('learns a planted signal, the same bits twice, and comes back from its tensors', async () => {
    const fit = await architecture.fit(data);
    expect(await skill(fit, unseen)).toBeGreaterThan(0.85);
    const p = await predict(fit, unseen);
    expect(await predict(await architecture.fit(data), unseen)).toEqual(p);
    const restored = architecture.restore(
      new Map(fit.toTensors().map((tensor) => [tensor.name, tensor])),
    );
    expect(await predict(restored, unseen)).toEqual(p);
    expect({ ...restored, ...same }).toEqual({ ...fit, ...same });
    expect(fit).toMatchObject({ estimator: architecture.name, width: WIDTH, tasks: TASKS });
    expect(fit.converged).toBe(true);
  });

  test('finds nothing in shuffled labels', async () => {
    const found: number[] = [];
    for (let shuffle = 0; shuffle < 4; shuffle += 1) {
      const stream = randomStream('shuffled', shuffle);
      const rate = data.rate.map(() => data.rate[stream.integer(data.rows)]!);
      const fit = await architecture.fit({ ...data, rate }, { epochs: 6, seed: shuffle });
      found.push(await skill(fit, unseen));
    }
    expect(Math.abs(meanOfKnown(found)! - 0.5)).toBeLessThan(0.1);
  });

  test('scores an unknown task between the known ones', async () => {
    const fit = await architecture.fit(data, { epochs: 2 });
    const as = async (task: number) =>
      mean(await predict(fit, { ...unseen, task: unseen.task.map(() => task) }))!;
    const [unknown, hard, easy] = [await as(-1), await as(0), await as(TASKS - 1)];
    expect(hard).toBeLessThan(unknown);
    expect(unknown).toBeLessThan(easy);
    const wider = await architecture.fit({ ...data, tasks: TASKS + 1 }, { epochs: 2 });
    const p = await predict(wider, { ...unseen, task: unseen.task.map(() => TASKS) });
    expect(p).toEqual(await predict(wider, { ...unseen, task: unseen.task.map(() => -1) }));
  });

  test('rows of weight 0 change nothing, other weights do', async () => {
    const weight = data.weight.map((_, row) => (data.unit[row]! % 5 === 0 ? 0 : 1));
    const rate = data.rate.map((value, row) => (weight[row] === 0 ? 1 - value : value));
    const options = { epochs: 2 };
    const without = await predict(await architecture.fit({ ...data, weight }, options), unseen);
    const turned = await architecture.fit({ ...data, weight, rate }, options);
    expect(await predict(turned, unseen)).toEqual(without);
    const heavy = weight.map((value, row) => (data.rate[row]! > 0.5 ? 4 * value : value));
    const lifted = await architecture.fit({ ...data, weight: heavy }, options);
    const sum = (values: Float64Array) => values.reduce((total, p) => total + p, 0);
    expect(sum(await predict(lifted, unseen))).toBeGreaterThan(sum(without) + 10);
  });

  test('needs no features', async () => {
    const [narrow, other] = [1, 2].map((seed) => planted(architecture, seed, { width: 0 }));
    const fit = await architecture.fit(narrow!);
    if (architecture.grid !== null) expect(await skill(fit, other!)).toBeGreaterThan(0.85);
    else {
      const p = await predict(fit, other!);
      p.forEach((value, row) => expect(Math.abs(value - other!.rate[row]!)).toBeLessThan(0.03));
    }
  });

  test('refuses tensors that are not its own', () => {
    expect(() => architecture.restore(new Map())).toThrow('; fit it again');
  });
});

/** Functions, which are never equal. */
const same = { predict: null, toTensors: null };
