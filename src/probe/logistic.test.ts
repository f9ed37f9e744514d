import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomStream } from '../stats/index.ts';
import { createKernel, logistic, type ProbeData } from './index.ts';

type Golden = {
  features: number[];
  width: number;
  task: number[];
  tasks: number;
  rates: number[];
  weights: number[];
  plain: { ridge: number; coefficients: number[]; objective: number };
  pooled: {
    shared: number;
    deviation: number;
    interceptDeviation: number;
    objective: number;
    probabilities: number[];
  };
};

const golden = JSON.parse(
  readFileSync(new URL('../../test/golden/logistic.json', import.meta.url), 'utf8'),
) as Golden;

const data: ProbeData = {
  features: Float32Array.from(golden.features),
  rows: golden.rates.length,
  width: golden.width,
  task: Int32Array.from(golden.task),
  tasks: golden.tasks,
  rate: Float64Array.from(golden.rates),
  weight: Float64Array.from(golden.weights),
  sequences: null,
  unit: Int32Array.from(golden.rates, (_, i) => i),
};
const single = { ...data, task: new Int32Array(data.rows), tasks: 1 };

describe('logistic', () => {
  test('reaches the objective and the coefficients of scikit-learn on soft labels', async () => {
    await using kernel = await createKernel();
    const { ridge, coefficients, objective } = golden.plain;
    const fit = await logistic.fit(single, { shared: ridge, deviation: Infinity }, kernel);
    expect(fit.stopReason).toBe('converged');
    expect(Math.abs(fit.objective - objective)).toBeLessThan(1e-6);
    const weights = fit.toTensors()[0]!.data;
    coefficients.forEach((value, j) => expect(Math.abs(weights[j]! - value)).toBeLessThan(1e-4));
  });

  test('partial pooling equals one regression with every feature written once more per task', async () => {
    await using kernel = await createKernel();
    const { objective, probabilities, ...ridges } = golden.pooled;
    const fit = await logistic.fit(data, ridges, kernel);
    expect(Math.abs(fit.objective - objective)).toBeLessThan(1e-6);
    (await fit.predict(data, kernel)).forEach((p, i) => {
      expect(Math.abs(p - probabilities[i]!)).toBeLessThan(1e-5);
    });
  });

  test('starts elsewhere, ends at the same place', async () => {
    await using kernel = await createKernel();
    const { shared, deviation } = golden.pooled;
    const cold = await logistic.fit(data, { shared, deviation }, kernel);
    const other = await logistic.fit(data, { shared: 50, deviation: 3 }, kernel);
    const warm = await logistic.fit(data, { shared, deviation }, kernel, other);
    expect(Math.abs(warm.objective - cold.objective)).toBeLessThan(1e-7);
    expect(warm.iterations).toBeLessThanOrEqual(cold.iterations);
    const alien = await logistic.fit(single, { shared, deviation }, kernel, other);
    expect(alien.objective).toBe(
      (await logistic.fit(single, { shared, deviation }, kernel)).objective,
    );
  });

  test('without shared weights every task is fitted on its own', async () => {
    await using kernel = await createKernel();
    const all = await logistic.fit(data, { shared: Infinity, deviation: 2 }, kernel);
    const mine = golden.task.flatMap((t, i) => (t === 1 ? [i] : []));
    const pick = (values: Float64Array) => Float64Array.from(mine, (i) => values[i]!);
    const features = Float32Array.from(
      mine.flatMap((i) => golden.features.slice(i * data.width, (i + 1) * data.width)),
    );
    const one = {
      features,
      rows: mine.length,
      width: data.width,
      tasks: 1,
      task: new Int32Array(mine.length),
      rate: pick(data.rate),
      weight: pick(data.weight),
      sequences: null,
      unit: Int32Array.from(mine),
    };
    const alone = await logistic.fit(one, { shared: Infinity, deviation: 2 }, kernel);
    const expected = await alone.predict(one, kernel);
    const both = await all.predict({ ...one, task: one.task.map(() => 1) }, kernel);
    both.forEach((p, i) => expect(Math.abs(p - expected[i]!)).toBeLessThan(1e-5));
  });

  test('columns named in sharedOnly have no deviation', async () => {
    await using kernel = await createKernel();
    const fit = await logistic.fit(
      data,
      { shared: 2, deviation: 5, sharedOnly: { from: 1, to: 4 } },
      kernel,
    );
    const [weights] = fit.toTensors();
    for (let t = 1; t <= data.tasks; t += 1) {
      const row = [...weights!.data.subarray(t * 6, t * 6 + 6)];
      expect(row.map((value) => value === 0)).toEqual([false, true, true, true, false, false]);
    }
  });

  test('stays finite where nothing varies, where all answers are alike and where a task has no rows', async () => {
    await using kernel = await createKernel();
    const extreme = { ...data, rate: data.rate.map(() => 0), tasks: data.tasks + 1 };
    const fit = await logistic.fit(extreme, { shared: 1, deviation: 1 }, kernel);
    const mixed = { ...data, task: data.task.map((_, i) => (i % 5) - 1) };
    expect((await fit.predict(mixed, kernel)).every((p) => p >= 0 && p < 0.01)).toBe(true);
    const flat = { ...data, features: new Float32Array(data.features.length) };
    const level = await logistic.fit(flat, { shared: 1, deviation: 1 }, kernel);
    const means = await level.predict(flat, kernel);
    expect(means.every((p) => p > 0.05 && p < 0.95)).toBe(true);
  });

  test('says which feature is not finite', async () => {
    await using kernel = await createKernel();
    const broken = { ...data, features: data.features.map((value, i) => (i === 12 ? NaN : value)) };
    await expect(logistic.fit(broken, { shared: 1, deviation: 1 }, kernel)).rejects.toThrow(
      'probe: expected finite features, got NaN in row 2, column 2; check the activations',
    );
    await expect(logistic.fit(data, { shared: 0, deviation: 1 }, kernel)).rejects.toThrow(
      'expected ridges above 0',
    );
  });

  test('the gradient vanishes at the solution, whatever the data', async () => {
    await using kernel = await createKernel();
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 1, max: 4 }),
        async (seed, tasks) => {
          const stream = randomStream('property', seed);
          const [rows, width] = [40, 3];
          const random: ProbeData = {
            features: Float32Array.from({ length: rows * width }, () => 3 * stream.normal()),
            rows,
            width,
            task: Int32Array.from({ length: rows }, () => stream.integer(tasks)),
            tasks,
            rate: Float64Array.from({ length: rows }, () => stream.integer(11) / 10),
            weight: Float64Array.from({ length: rows }, () => stream.uniform()),
            sequences: null,
            unit: Int32Array.from({ length: rows }, (_, i) => i),
          };
          const fit = await logistic.fit(random, { shared: 1, deviation: 2 }, kernel);
          const p = await fit.predict(random, kernel);
          const weights = fit.toTensors()[0]!.data;
          for (let j = 0; j < width; j += 1) {
            let slope = weights[j]!;
            for (let i = 0; i < rows; i += 1)
              slope +=
                random.weight[i]! * (p[i]! - random.rate[i]!) * random.features[i * width + j]!;
            expect(Math.abs(slope)).toBeLessThan(1e-3);
          }
          expect(fit.converged).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('the battery every estimator passes', () => {
  const estimators = [{ probe: logistic, options: { shared: 3, deviation: 3 } }];

  test.each(estimators)(
    '$probe.name: probabilities, the same bits twice, and back from its tensors',
    async ({ probe, options }) => {
      await using kernel = await createKernel();
      const fit = await probe.fit(data, options, kernel);
      const p = await fit.predict(data, kernel);
      expect(p.every((value) => value > 0 && value < 1)).toBe(true);
      const again = await probe.fit(data, options, kernel);
      expect(await again.predict(data, kernel)).toEqual(p);
      const restored = probe.restore(
        new Map(fit.toTensors().map((tensor) => [tensor.name, tensor])),
      );
      expect(await restored.predict(data, kernel)).toEqual(p);
      const { estimator, width, tasks, converged, iterations, stopReason, objective } = fit;
      expect(restored).toMatchObject({
        estimator,
        width,
        tasks,
        converged,
        iterations,
        stopReason,
        objective,
      });
    },
  );

  test.each(estimators)(
    '$probe.name: learns what is there, and a task it never saw',
    async ({ probe, options }) => {
      await using kernel = await createKernel();
      const fit = await probe.fit(data, options, kernel);
      const error = (p: Float64Array) =>
        p.reduce((sum, value, i) => sum + (value - data.rate[i]!) ** 2, 0) / data.rows;
      const level = data.rate.reduce((sum, value) => sum + value, 0) / data.rows;
      expect(error(await fit.predict(data, kernel))).toBeLessThan(
        0.5 * error(data.rate.map(() => level)),
      );
      const unknown = { ...data, task: data.task.map(() => -1) };
      expect((await fit.predict(unknown, kernel)).every(Number.isFinite)).toBe(true);
    },
  );

  test.each(estimators)(
    '$probe.name: rows of weight zero change nothing',
    async ({ probe, options }) => {
      await using kernel = await createKernel();
      const features = new Float32Array(data.features.length * 2);
      features.set(data.features);
      features.fill(7, data.features.length);
      const twice = (values: Float64Array, other: number) =>
        Float64Array.from({ length: 2 * data.rows }, (_, i) =>
          i < data.rows ? values[i]! : other,
        );
      const padded = {
        ...data,
        features,
        rows: 2 * data.rows,
        task: Int32Array.from({ length: 2 * data.rows }, (_, i) => data.task[i % data.rows]!),
        rate: twice(data.rate, 1),
        weight: twice(data.weight, 0),
        unit: Int32Array.from({ length: 2 * data.rows }, (_, i) => i),
      };
      const fit = await probe.fit(padded, options, kernel);
      const plain = await probe.fit(data, options, kernel);
      expect(await fit.predict(data, kernel)).toEqual(await plain.predict(data, kernel));
    },
  );

  test.each(estimators)('$probe.name: refuses tensors that are not its own', ({ probe }) => {
    expect(() => probe.restore(new Map())).toThrow('probe: expected tensors `weights`');
  });
});
