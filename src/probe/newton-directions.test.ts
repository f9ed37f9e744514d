import { describe, expect, test } from 'vitest';
import { choleskyInPlace, choleskySolve, randomStream } from '../stats/index.ts';
import { columnArrows } from './column-arrows.ts';
import { conjugateDirection } from './conjugate-direction.ts';
import { factoriseCurvature } from './curvature-factor.ts';
import { createKernel, logistic, type ProbeData } from './index.ts';
import { pointAt, searchAlong } from './line-search.ts';
import { type Slope, slopeAt } from './slope.ts';
import { columnSquares, groupByTask, type LogisticProblem } from './task-blocks.ts';

function drawData(size: { rows: number; width: number; tasks: number }): ProbeData {
  const { rows, width, tasks } = size;
  const stream = randomStream('directions', rows, width, tasks);
  return {
    ...size,
    features: Float32Array.from({ length: rows * width }, () => stream.normal()),
    task: Int32Array.from({ length: rows }, () => stream.integer(tasks)),
    rate: Float64Array.from({ length: rows }, () => stream.integer(5) / 4),
    weight: Float64Array.from({ length: rows }, () => 0.5 + stream.uniform()),
    sequences: null,
    unit: Int32Array.from({ length: rows }, (_, i) => i),
  };
}

/** Three tasks; the last column but one has no deviation, or nothing is shared. */
function problemOf(kind: 'pooled' | 'apart', width = 4): LogisticProblem {
  const size = width + 1;
  const blocks = groupByTask(drawData({ rows: 60, width, tasks: 3 }));
  const deviation = new Float64Array(size).fill(3);
  if (kind === 'pooled') deviation[width - 1] = Infinity;
  return { blocks, size, deviation, shared: kind === 'pooled' ? deviation.map(() => 2) : null };
}

function someWeights({ blocks, size, shared, deviation }: LogisticProblem): Float64Array {
  const stream = randomStream('weights');
  return Float64Array.from({ length: (blocks.length + 1) * size }, (_, i) => {
    const exists = i < size ? shared !== null : Number.isFinite(deviation[i % size]!);
    return exists ? 0.3 * stream.normal() : 0;
  });
}

/** Newton's step from the whole matrix of second derivatives, written out. */
function plainStep(problem: LogisticProblem, { gradient, curvature }: Slope): Float64Array {
  const { blocks, size, shared, deviation } = problem;
  const count = gradient.length;
  const matrix = new Float64Array(count * count);
  for (let i = 0; i < count; i += 1) {
    const ridge = i < size ? (shared?.[i] ?? Infinity) : deviation[i % size]!;
    matrix[i * count + i] = Number.isFinite(ridge) ? ridge : 1e30;
  }
  blocks.forEach(({ rows, features }, t) => {
    for (let row = 0; row < rows; row += 1) {
      const x = new Float64Array(count);
      for (let j = 0; j < size; j += 1) {
        x[j] = features[row * size + j]!;
        x[(t + 1) * size + j] = x[j]!;
      }
      for (let i = 0; i < count; i += 1) {
        for (let j = 0; j < count; j += 1) {
          matrix[i * count + j]! += curvature[t]![row]! * x[i]! * x[j]!;
        }
      }
    }
  });
  const step = gradient.map((value) => -value);
  expect(choleskyInPlace(matrix, count)).toBe(true);
  choleskySolve(matrix, count, step);
  return step;
}

const KINDS = [['pooled'], ['apart']] as const;

describe.each(KINDS)('of a problem with weights %s', async (kind) => {
  const problem = problemOf(kind);
  const weights = someWeights(problem);
  const { objective } = pointAt(problem, weights);
  const slope = await slopeAt(problem, weights, null);
  const expected = plainStep(problem, slope);
  const gained = -expected.reduce((sum, value, i) => sum + value * slope.gradient[i]!, 0);
  const squares = problem.blocks.map((block) => columnSquares(block, problem.size));
  const columns = columnArrows(problem, slope.curvature, squares);

  test('the gradient is that of the objective', () => {
    weights.forEach((weight, i) => {
      const [above, below] = [1e-5, -1e-5].map(
        (shift) => pointAt(problem, weights.with(i, weight + shift)).objective,
      );
      const exists = weight !== 0;
      expect(slope.gradient[i]).toBeCloseTo(exists ? (above! - below!) / 2e-5 : 0, 5);
    });
    pointAt(problem, weights);
  });

  test('its sums in float32 are near', async () => {
    await using kernel = await createKernel({ threads: 1 });
    const { gradient, curvature } = await slopeAt(problem, weights, kernel);
    gradient.forEach((value, i) => expect(value).toBeCloseTo(slope.gradient[i]!, 4));
    expect(curvature).toEqual(slope.curvature);
  });

  test('factors solve for Newton’s step', async () => {
    await using kernel = await createKernel({ threads: 1 });
    const solve = await factoriseCurvature(problem, slope.curvature, kernel);
    solve(slope.gradient).forEach((value, i) => expect(value).toBeCloseTo(-expected[i]!, 5));
  });

  test('conjugate gradients lead there, as near as asked', async () => {
    await using kernel = await createKernel({ threads: 1 });
    const near = { objective: 1e12, enough: 1e-9, products: 100 };
    const way = { precondition: columns, kernel };
    const found = await conjugateDirection(problem, slope, near, way);
    found!.step.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4));
    expect(found!.decrease).toBeCloseTo(gained, 5);
    const coarse = await conjugateDirection(problem, slope, { ...near, objective }, way);
    expect(coarse!.decrease).toBeGreaterThan(0.9 * gained);
    expect(coarse!.decrease).toBeLessThan(gained);
  });

  test('they end without a direction when products run out or are no numbers', async () => {
    await using kernel = await createKernel({ threads: 1 });
    const aim = { objective: 1e12, enough: 1e-9, products: 3 };
    const way = { precondition: columns, kernel };
    expect(await conjugateDirection(problem, slope, aim, way)).toBeNull();
    const gradient = slope.gradient.with(1, NaN);
    expect(await conjugateDirection(problem, { ...slope, gradient }, aim, way)).toBeNull();
  });

  test('a step that is too long is halved, one upwards refused; the logits move along', async () => {
    await using kernel = await createKernel({ threads: 1 });
    const start = pointAt(problem, weights);
    const long = { step: expected.map((value) => 8 * value), decrease: 8 * gained };
    const found = await searchAlong(problem, start, long, kernel);
    const shares = found!.weights.map((value, i) => (value - weights[i]!) / (expected[i]! || 1));
    const length = Math.max(...shares);
    expect([1, 2, 4]).toContain(Math.round(1e6 * length) / 1e6);
    const logits = problem.blocks.map(({ logit }) => logit.slice());
    const again = pointAt(problem, found!.weights);
    expect(found!.objective).toBeCloseTo(again.objective, 4);
    problem.blocks.forEach(({ logit }, t) => {
      logit.forEach((value, i) => expect(logits[t]![i]).toBeCloseTo(value, 5));
    });
    const back = pointAt(problem, weights);
    const up = { step: expected.map((value) => -value), decrease: gained };
    expect(await searchAlong(problem, back, up, kernel)).toBeNull();
  });
});

describe('a single wide task', () => {
  const wide = drawData({ rows: 150, width: 120, tasks: 1 });

  /** The largest slope at the fitted weights, counted from its probabilities. */
  async function steepest(data: ProbeData, ridge: number): Promise<number> {
    await using kernel = await createKernel({ threads: 2 });
    const fit = await logistic.fit(data, { shared: ridge, deviation: Infinity }, kernel);
    expect(fit.stopReason).toBe('converged');
    const [weights] = fit.toTensors();
    const slope = Float64Array.from({ length: data.width }, (_, j) => ridge * weights!.data[j]!);
    (await fit.predict(data, kernel)).forEach((p, row) => {
      const residual = data.weight[row]! * (p - data.rate[row]!);
      for (let j = 0; j < data.width; j += 1) {
        slope[j]! += residual * data.features[row * data.width + j]!;
      }
    });
    return slope.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  }

  test('is fitted to where the slope vanishes', async () => {
    expect(await steepest(wide, 1)).toBeLessThan(2e-3);
  });

  test('also where columns are nearly alike, on scales far apart', async () => {
    const features = wide.features.map((value, i) => {
      const column = i % wide.width;
      const first = wide.features[i - column]!;
      return column % 2 === 0 ? 50 * (first + 0.01 * value) : 0.1 * value;
    });
    expect(await steepest({ ...wide, features }, 0.1)).toBeLessThan(5e-2);
  });
});

test('products with a vector are the same in loops and in the runtime', async () => {
  await using kernel = await createKernel({ threads: 1 });
  const [rows, width] = [100, 90];
  const { features, weight } = drawData({ rows, width, tasks: 1 });
  const vector = Float64Array.from({ length: width }, (_, j) => Math.sin(j));
  const whole = await kernel.curve(features, Float32Array.from(weight), vector);
  const halves = await Promise.all(
    [0, rows / 2].map((from) =>
      kernel.curve(
        features.subarray(from * width, (from + rows / 2) * width),
        Float32Array.from(weight.subarray(from, from + rows / 2)),
        vector,
      ),
    ),
  );
  whole.forEach((value, j) => expect(halves[0]![j]! + halves[1]![j]!).toBeCloseTo(value, 3));
});
