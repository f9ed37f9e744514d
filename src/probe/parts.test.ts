import { describe, expect, test } from 'vitest';
import { scoreCell } from './cells.ts';
import { createHistory, historyColumns, historyFeatures, latestLabelled } from './history.ts';
import { createKernel } from './kernel.ts';
import { outputFeatures } from './output-features.ts';
import {
  applyRepresentation,
  fitRepresentation,
  type RepresentationOptions,
} from './representation.ts';
import { createTimeline } from './timeline.ts';
import { trendRates } from './trend.ts';
import { randomStream } from '../stats/index.ts';

const facts = (id: string, tokens: number | null, step: number | null = null) => ({
  id,
  tokens,
  step,
  stage: null,
  rendering: null,
});

describe('history', () => {
  const timeline = createTimeline([facts('a', 1), facts('b', Math.E), facts('c', Math.E ** 3)]);
  const k = Float64Array.of(1, 0, 0, 5, 0, 0, 8, 0, 0);
  const n = Float64Array.of(10, 10, 0, 10, 0, 0, 10, 0, 0);
  const history = createHistory(timeline, { k, n }, { task: Int32Array.of(0, 0, 1), count: 2 });

  test('rates of a task are carried over gaps, and unknown ones are one half', () => {
    expect([...history.taskRate]).toEqual([0.05, 0.5, 0.5, 0.5, 0.8, 0.5]);
    expect([
      latestLabelled(history, 0, 2),
      latestLabelled(history, 1, 2),
      latestLabelled(history, 2, 2),
    ]).toEqual([2, 0, -1]);
  });

  test('features of an item are those of its own answers', () => {
    const at = { cut: 2, position: 4, kind: 'item' } as const;
    const rows = historyFeatures(history, at, {
      items: Int32Array.of(0, 1),
      task: Int32Array.of(0, 0),
    });
    const columns = historyColumns('item');
    const value = (row: number, name: string) =>
      rows[row * columns.length + columns.indexOf(name)]!;
    expect(value(0, 'gap')).toBe(1);
    expect(value(0, 'latest rate')).toBeCloseTo(0.8, 6);
    expect(value(0, 'highest rate')).toBeCloseTo(0.8, 6);
    expect(value(0, 'latest logit')).toBeCloseTo(Math.log(9.85 / 2.65), 5);
    expect(value(0, 'log answers behind it')).toBeCloseTo(Math.log(31), 5);
    expect(value(1, 'latest rate')).toBe(0);
    expect(value(1, 'gap · latest rate')).toBe(0);
    expect(rows.every(Number.isFinite)).toBe(true);
    expect(
      historyFeatures(
        history,
        { ...at, kind: 'none' },
        { items: Int32Array.of(0), task: Int32Array.of(0) },
      ),
    ).toHaveLength(0);
  });

  test('what comes after the cut is not seen', () => {
    const changed = { ...history, k: k.map((value, i) => (i >= 6 ? 0 : value)) };
    const rows = { items: Int32Array.of(0), task: Int32Array.of(0) };
    const at = { cut: 1, position: 4, kind: 'item' } as const;
    expect(historyFeatures(changed, at, rows)).toEqual(historyFeatures(history, at, rows));
  });

  test('trend is a straight line in logit against log tokens', () => {
    const line = [-2, -1, 1].map((z) => 1 / (1 + Math.exp(-z)));
    const straight = { ...history, tasks: 1, taskRate: Float64Array.from(line) };
    const three = [facts('a', 1), facts('b', Math.E), facts('c', Math.E ** 3)];
    const checkpoints = createTimeline(three);
    const scored = { checkpoint: facts('d', Math.E ** 5), task: Int32Array.of(0, 0) };
    const p = trendRates(straight, checkpoints, scored)!;
    expect(Math.log(p[0]! / (1 - p[0]!))).toBeCloseTo(3, 10);
    expect(trendRates(straight, createTimeline(three.slice(1)), scored)).toBeNull();
    expect(
      trendRates(straight, checkpoints, { ...scored, checkpoint: facts('d', null) }),
    ).toBeNull();
  });
});

describe('cells', () => {
  test('outside 2 … 98 percent they are not ranked, but measured', () => {
    const flat = scoreCell(Float64Array.of(0.1, 0.2), Float64Array.of(0.01, 0.02));
    expect([flat.auroc, flat.oracleAuroc, flat.skill]).toEqual([null, null, null]);
    expect(flat.mse).toBeCloseTo((0.09 ** 2 + 0.18 ** 2) / 2, 12);
    const edge = scoreCell(Float64Array.of(0.1, 0.2), Float64Array.of(0.0, 0.04));
    expect(edge.auroc).not.toBeNull();
  });
});

describe('output features', () => {
  test('are finite at the ends of the range', () => {
    const rows = outputFeatures(
      Float32Array.of(0, 1, 0, 0, 5.9, 0.01, 0.01, 0.01),
      Int32Array.of(1, 0),
    );
    expect(rows).toHaveLength(12);
    expect(rows.every(Number.isFinite)).toBe(true);
    expect(rows[0]).toBeCloseTo(5.9, 5);
    expect(rows[8]).toBeCloseTo(Math.log(9999), 3);
  });
});

describe('representation', () => {
  const [count, hidden] = [60, 40];
  const stream = randomStream('states');
  const layers = Array.from({ length: 30 }, () =>
    Float32Array.from(
      { length: count * hidden },
      (_, i) => stream.normal() * (1 + (i % hidden)) + 5,
    ),
  );
  const activations = { states: (_: string, layer: number) => layers[layer]!, output: null };
  const source = {
    checkpoint: 'c',
    activations,
    ids: Array.from({ length: count }, (_, i) => `q${i}`),
    task: Int32Array.from({ length: count }, (_, i) => i % 2),
    rows: Int32Array.from({ length: count }, (_, i) => i),
  };
  const options: RepresentationOptions = {
    pool: 'last',
    layers: [0, 2],
    standardise: 'none',
    align: 'none',
    components: 8,
  };

  test('components are uncorrelated, centred, of unit mean variance', async () => {
    await using kernel = await createKernel({ threads: 1 });
    const fitted = await fitRepresentation([source], options, { hidden, kernel });
    const values = await applyRepresentation(fitted, source, kernel);
    let trace = 0;
    for (let a = 0; a < 8; a += 1) {
      for (let b = 0; b <= a; b += 1) {
        let sum = 0;
        for (let i = 0; i < count; i += 1) sum += (values[i * 8 + a]! * values[i * 8 + b]!) / count;
        if (a === b) trace += sum;
        else expect(Math.abs(sum)).toBeLessThan(1e-3);
      }
    }
    expect(trace / 8).toBeCloseTo(1, 3);
  });

  test('many layers are reduced one by one first, constant columns stay out', async () => {
    await using kernel = await createKernel({ threads: 1 });
    const flat = {
      ...activations,
      states: (_: string, layer: number) =>
        layers[layer]!.map((x, i) => (i % hidden === 0 ? 3 : x)),
    };
    const wide = { ...options, layers: Array.from({ length: 30 }, (_, i) => i) };
    const fitted = await fitRepresentation([{ ...source, activations: flat }], wide, {
      hidden,
      kernel,
    });
    expect(fitted.layers.every((layer) => layer.basis !== null && layer.scale[0] === 0)).toBe(true);
    const values = await applyRepresentation(fitted, { ...source, activations: flat }, kernel);
    expect(values).toHaveLength(count * 8);
    expect(values.every(Number.isFinite)).toBe(true);
  });

  test('standardised per task and checkpoint they do not see a shift of either', async () => {
    await using kernel = await createKernel({ threads: 1 });
    const fitted = await fitRepresentation(
      [source],
      { ...options, standardise: 'task' },
      { hidden, kernel },
    );
    const before = await applyRepresentation(fitted, source, kernel);
    const moved = {
      ...activations,
      states: (_: string, layer: number) =>
        layers[layer]!.map((x, i) => 2 * x + (Math.floor(i / hidden) % 2 === 0 ? 9 : -4)),
    };
    const after = await applyRepresentation(fitted, { ...source, activations: moved }, kernel);
    after.forEach((value, i) => expect(Math.abs(value - before[i]!)).toBeLessThan(2e-3));
  });
});
