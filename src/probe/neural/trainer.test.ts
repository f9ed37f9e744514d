import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ProbeData } from '../estimator.ts';
import { createKernel } from '../kernel.ts';
import { mlp, type MlpOptions } from './index.ts';
import { splitUnits } from './split-units.ts';
import { scheduledRate, trainingOf } from './training-options.ts';

type Golden = {
  width: number;
  steps: number;
  warmup: number;
  learningRate: number;
  weightDecay: number;
  features: number[];
  rates: number[];
  weights: number[];
  slope: number[];
  level: number;
};

const golden = JSON.parse(
  readFileSync(new URL('../../../test/golden/neural.json', import.meta.url), 'utf8'),
) as Golden;

const rows = golden.rates.length;
const data: ProbeData = {
  features: Float32Array.from(golden.features),
  rows,
  width: golden.width,
  task: new Int32Array(rows),
  tasks: 1,
  sequences: null,
  rate: Float64Array.from(golden.rates),
  weight: Float64Array.from(golden.weights),
  unit: Int32Array.from({ length: rows }, (_, i) => i >> 1),
};

async function fit(options: MlpOptions, given: ProbeData = data): ReturnType<typeof mlp.fit> {
  await using kernel = await createKernel({ threads: 1 });
  return await mlp.fit(given, options, kernel);
}

describe('the trainer', () => {
  test('takes the steps of PyTorch’s AdamW', async () => {
    const { learningRate, weightDecay, warmup, steps } = golden;
    const whole = { batch: rows, epochs: steps, holdout: 0 };
    const found = await fit({ hidden: 0, learningRate, weightDecay, warmup, ...whole });
    expect(found.iterations).toBe(steps);
    const [slope, level] = found.toTensors();
    golden.slope.forEach((value, j) => expect(slope!.data[j]).toBeCloseTo(value, 4));
    expect(level!.data[0]).toBeCloseTo(golden.level, 4);
  });

  test('rises linearly and falls along a cosine', () => {
    const training = trainingOf({ learningRate: 2, warmup: 0.2 });
    const rates = Array.from({ length: 10 }, (_, step) => scheduledRate(step, 10, training));
    expect(rates.slice(0, 3)).toEqual([1, 2, 2]);
    expect(rates[6]).toBeCloseTo(1, 12);
    expect(rates.slice(2).every((rate, i) => i === 0 || rate < rates[i + 1]!)).toBe(true);
  });

  test('leaves whole units out, the same ones for a seed', () => {
    const { learned, left } = splitUnits(data, { seed: 3, holdout: 0.4 });
    expect(left.length).toBe(10);
    expect([...learned, ...left].sort((a, b) => a - b)).toEqual([...data.task.keys()]);
    const out = new Set([...left].map((row) => data.unit[row]));
    expect([...learned].every((row) => !out.has(data.unit[row]))).toBe(true);
    expect(splitUnits(data, { seed: 3, holdout: 0.4 })).toEqual({ learned, left });
    expect(splitUnits(data, { seed: 4, holdout: 0.4 }).left).not.toEqual(left);
    expect(splitUnits(data, { seed: 3, holdout: 0.1 }).left.length).toBe(0);
  });

  test('ends early where the units left out get worse, with the best weights', async () => {
    const noise = { ...data, rate: data.rate.map((_, i) => (i * 7) % 2) };
    const options = { hidden: 32, holdout: 0.4, epochs: 200, learningRate: 0.05, patience: 3 };
    const found = await fit(options, noise);
    expect(found.stopReason).toBe('early-stopped');
    expect(found.iterations).toBeLessThan(200);
    const untouched = await fit({ ...options, learningRate: 0 }, noise);
    expect(found.objective).toBeLessThan(untouched.objective + 3);
  });

  test('drops numbers by its seed', async () => {
    const options = { hidden: 16, epochs: 5, holdout: 0 };
    const [plain, dropped, again, other] = await Promise.all([
      fit(options),
      fit({ ...options, dropout: 0.5 }),
      fit({ ...options, dropout: 0.5 }),
      fit({ ...options, dropout: 0.5, seed: 1 }),
    ]);
    expect(dropped.toTensors()).toEqual(again.toTensors());
    expect(dropped.toTensors()).not.toEqual(plain.toTensors());
    expect(dropped.toTensors()).not.toEqual(other.toTensors());
  });

  test('ends with the last finite weights where steps run away', async () => {
    const wild = { ...data, features: data.features.map((value) => value * 1e30) };
    const found = await fit({ hidden: 8, learningRate: 1e30, holdout: 0 }, wild);
    expect(found).toMatchObject({ converged: false, stopReason: 'no-progress' });
  });

  test('says which option or row it cannot use', async () => {
    await expect(fit({ batch: 0 })).rejects.toThrow(
      'probe: expected a whole number of 1 or more for `batch`, got 0',
    );
    await expect(fit({ dropout: 1 })).rejects.toThrow(
      'probe: expected 0 or more and less than 1 for `dropout`, got 1',
    );
    await expect(fit({ learningRate: NaN })).rejects.toThrow(
      'probe: expected 0 or more for `learningRate`, got NaN',
    );
    const broken = { ...data, features: data.features.map((v, i) => (i === 12 ? NaN : v)) };
    await expect(fit({}, broken)).rejects.toThrow(
      'probe: expected finite features, got NaN in row 2, column 2; check the activations',
    );
    const unlabelled = { ...data, weight: new Float64Array(rows) };
    await expect(fit({}, unlabelled)).rejects.toThrow(
      'probe: expected labelled rows to fit `mlp` on, got none',
    );
    const fitted = await fit({ hidden: 4, epochs: 1 });
    await using kernel = await createKernel({ threads: 1 });
    await expect(fitted.predict({ ...data, width: 3 }, kernel)).rejects.toThrow(
      'mlp: expected width 5, got 3',
    );
  });
});
