import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomStream } from '../stats/index.ts';
import { factoriseCurvature } from './curvature-factor.ts';
import { trainingRows } from './head.ts';
import { createHistory, historyFeatures } from './history.ts';
import {
  evaluateCheckpoint,
  fitProbe,
  modelFromTensors,
  modelToTensors,
  predictCheckpoint,
  type ProbeCheckpoint,
} from './index.ts';
import { createKernel } from './kernel.ts';
import { slopeAt } from './slope.ts';
import { syntheticSeries } from './testing/synthetic-series.ts';
import { createTimeline } from './timeline.ts';
import { allIndices, createTrainingSet, historyOf } from './training-set.ts';

type Series = ReturnType<typeof syntheticSeries>;

/** The series with the answers that `keep` accepts, and k as `right` says. */
function relabelled(
  series: Series,
  keep: (item: number, checkpoint: number) => number,
  right: (task: string, k: number, n: number) => number = (_, k) => k,
): Series {
  const checkpoints = series.checkpoints.map((checkpoint, c): ProbeCheckpoint => {
    const n = checkpoint.n.map((count, i) => count * keep(i, c));
    const k = checkpoint.k.map((count, i) =>
      n[i] === 0 ? 0 : right(series.items[i]!.task, Math.min(count, n[i]!), n[i]!),
    );
    return { ...checkpoint, k, n };
  });
  return { ...series, checkpoints };
}

const isFiniteOrNull = (value: unknown): boolean => {
  if (typeof value === 'number') return Number.isFinite(value);
  if (ArrayBuffer.isView(value)) return true;
  if (value === null || typeof value !== 'object') return true;
  return Object.values(value).every(isFiniteOrNull);
};

/** Fits on all but the last checkpoint, then scores the last two. */
async function throughAll(series: Series): Promise<void> {
  const learned = { ...series, checkpoints: series.checkpoints.slice(0, -1) };
  const model = await fitProbe(learned, { name: 'partly', threads: 1 });
  expect(isFiniteOrNull(model.card)).toBe(true);
  for (const checkpoint of series.checkpoints.slice(-2)) {
    const input = {
      items: series.items,
      checkpoint,
      layout: series.layout,
      random: series.random,
    };
    const prediction = await predictCheckpoint(model, input, { threads: 1 });
    const withLabels = await predictCheckpoint(model, input, { threads: 1, labels: checkpoint });
    expect(prediction.items).toHaveLength(series.items.length);
    const rows = await evaluateCheckpoint(model, { ...input, outcomes: checkpoint });
    expect([prediction, withLabels, rows].every(isFiniteOrNull)).toBe(true);
  }
}

describe('partly labelled data', () => {
  test('questions labelled at the latest checkpoint alone do not go to the head of known ones', async () => {
    const series = syntheticSeries({ checkpoints: 4, itemsPerTask: 20 });
    await throughAll(relabelled(series, (i, c) => (i % 5 === 0 && c < 2 ? 0 : 1)));
  });

  test('any pattern of labels, levels and numbers of answers ends with finite numbers', async () => {
    const pattern = fc.record({
      seed: fc.integer({ min: 0, max: 1000 }),
      checkpoints: fc.integer({ min: 2, max: 5 }),
      share: fc.constantFrom(0.15, 0.5, 0.9),
      single: fc.boolean(),
      level: fc.constantFrom<'zero' | 'one' | 'drawn'>('zero', 'one', 'drawn'),
      itemsPerTask: fc.constantFrom(2, 9, 16),
    });
    await fc.assert(
      fc.asyncProperty(pattern, async ({ seed, checkpoints, share, single, level, ...size }) => {
        const stream = randomStream('labels', seed);
        const tasks = ['add', 'copy', 'sort'];
        const answers = single ? 1 : 8;
        const series = syntheticSeries({ checkpoints, answers, tasks, ...size });
        const { items } = series;
        const kinds = items.map(() => stream.integer(5));
        const keep = (i: number, c: number) => {
          const task = items[i]!.task;
          // One task whole, so that every checkpoint has something; another one with gaps of its own.
          if (task === 'add') return 1;
          if (task === 'copy' && c % 2 === 1) return 0;
          if (kinds[i] === 0) return 0;
          if (kinds[i] === 1) return c === checkpoints - 2 ? 1 : 0;
          if (kinds[i] === 2) return c === 0 ? 1 : 0;
          return stream.uniform() < share ? 1 : 0;
        };
        const right = (task: string, k: number, n: number) => {
          if (level === 'drawn' || task === 'copy') return k;
          return level === 'zero' ? 0 : n;
        };
        await throughAll(relabelled(series, keep, right));
      }),
      { numRuns: 25 },
    );
  }, 120_000);

  test('features of a question without answers up to the cut are refused', () => {
    const timeline = createTimeline([
      { tokens: 1, step: 1, stage: null },
      { tokens: 2, step: 2, stage: null },
    ]);
    const outcomes = { k: Float64Array.of(0, 1), n: Float64Array.of(0, 2) };
    const history = createHistory(timeline, outcomes, { task: Int32Array.of(0), count: 1 });
    const at = { cut: 0, position: 1, kind: 'item' } as const;
    const rows = { items: Int32Array.of(0), task: Int32Array.of(0) };
    expect(() => historyFeatures(history, at, rows)).toThrow(
      'history: expected answers to item 0 up to checkpoint 0, got none',
    );
  });

  test('a curvature that is no number ends the search for a ridge', async () => {
    await using kernel = await createKernel({ threads: 1 });
    const block = {
      features: Float32Array.of(NaN, 1),
      rows: 2,
      rate: Float64Array.of(0, 1),
      weight: Float64Array.of(1, 1),
      offset: new Float64Array(2),
      logit: new Float64Array(2),
    };
    const ridges = { shared: Float64Array.of(1), deviation: Float64Array.of(1) };
    const problem = { blocks: [block], size: 1, ...ridges };
    const { curvature } = await slopeAt(problem, new Float64Array(2), null);
    await expect(factoriseCurvature(problem, curvature, kernel)).rejects.toThrow(
      'logistic: expected a curvature of finite numbers (1, 1)',
    );
  });
});

test('a cut that is left out gives its share to the others of its checkpoint', () => {
  // Nothing is known at the first checkpoint: of the latest one's two cuts a single one is left.
  const series = relabelled(syntheticSeries({ checkpoints: 3, itemsPerTask: 4 }), (i, c) =>
    c > 0 || i === 0 ? 1 : 0,
  );
  const set = createTrainingSet(
    series.items,
    series.checkpoints,
    series.items.map(() => true),
  );
  const training = {
    set,
    views: null,
    history: historyOf(set, (i) => i > 0),
    checkpoints: [0, 1, 2],
    items: allIndices(series.items.length),
  };
  const ridge = { shared: 30, deviation: 30 };
  const spec = {
    states: false,
    architecture: 'linear',
    output: true,
    likelihood: false,
    length: false,
    text: false,
    answer: false,
    history: 'item',
    ridge,
    recency: 1,
  } as const;
  const rows = trainingRows(training, spec);
  expect([...rows!.data.weight]).toEqual(new Array(7).fill(1));
});

describe('weights under a fitted id', () => {
  const series = syntheticSeries({ checkpoints: 4, itemsPerTask: 20 });
  const named = (fingerprint: string | null) => ({
    ...series,
    checkpoints: series.checkpoints.map((c) => ({ ...c, fingerprint })),
  });
  const fit = fitProbe(named('abc'), { name: 'fingerprints', threads: 1 });

  test('are scored as new ones where the fingerprints differ', async () => {
    const { card, tensors } = modelToTensors(await fit);
    expect(card.checkpoints.map((c) => c.fingerprint)).toEqual(['abc', 'abc', 'abc', 'abc']);
    const model = modelFromTensors(JSON.parse(JSON.stringify(card)), tensors, 'probe.json');
    const { items, layout } = series;
    const predicted = async (fingerprint?: string | null) => {
      const facts = fingerprint === undefined ? {} : { fingerprint };
      const checkpoint = { ...series.checkpoints[3]!, ...facts };
      const { items: rows } = await predictCheckpoint(model, { items, layout, checkpoint });
      return rows.map((row) => row.p);
    };
    const fitted = await predicted('abc');
    expect(await predicted(null)).toEqual(fitted);
    expect(await predicted()).toEqual(fitted);
    expect(await predicted('other')).not.toEqual(fitted);
  });

  test('a card from before there were fingerprints is read', async () => {
    const { card, tensors } = modelToTensors(await fit);
    const checkpoints = card.checkpoints.map(({ id, tokens, step, stage, rendering }) => ({
      id,
      tokens,
      step,
      stage,
      rendering,
    }));
    const model = modelFromTensors({ ...card, checkpoints }, tensors, 'probe.json');
    expect(model.card.checkpoints[0]!.fingerprint).toBeNull();
  });
});
