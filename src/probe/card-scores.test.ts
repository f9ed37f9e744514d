import { describe, expect, test } from 'vitest';
import { lostOf } from './card-scores.ts';
import { foldOf, holdoutMask } from './folds.ts';
import { fitProbe, modelFromTensors, modelToTensors } from './index.ts';
import type { CardScores } from './probe-model.ts';
import { syntheticSeries } from './testing/synthetic-series.ts';

const series = syntheticSeries({ checkpoints: 4, itemsPerTask: 120, tasks: ['add'] });
const { items, checkpoints } = series;
const latest = checkpoints[3]!;
const options = { name: 'p', threads: 1, seed: 5 };
const fitted = fitProbe(series, options);

const rateAt = (checkpoint: { k: Float64Array; n: Float64Array }, i: number): number =>
  checkpoint.k[i]! / checkpoint.n[i]!;
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Questions of two folds, and of the third, among those that are not held out. */
const held = holdoutMask(items, 0.4, 5);
const fold = foldOf(items, 3, 7);
const known = items.flatMap((_, i) => (!held[i] && fold[i] !== 0 ? [i] : []));
const left = items.flatMap((_, i) => (!held[i] && fold[i] === 0 ? [i] : []));

describe('scores on the card', () => {
  test('are those of the latest checkpoint, learned before it and without a third of the questions', async () => {
    const { scores } = (await fitted).card;
    const { checkpoint, learnedUpTo, rows, summary, calibration } = scores!;
    expect([checkpoint, learnedUpTo]).toEqual([latest.id, checkpoints[2]!.id]);
    expect(rows.map(({ task, split, items: count }) => [task, split, count])).toEqual([
      ['add', 'seen', known.length],
      ['add', 'unseen', left.length],
    ]);
    const before = checkpoints[2]!;
    const persistence = known.map((i) => (rateAt(before, i) - rateAt(latest, i)) ** 2);
    expect(summary.seen!.baselines.persistence.mse).toBeCloseTo(mean(persistence), 12);
    // A question left out has no rate of its own: its task's, from the questions that are known.
    const level = mean(known.map((i) => rateAt(before, i)));
    const taskMean = left.map((i) => (level - rateAt(latest, i)) ** 2);
    expect(summary.unseen!.baselines.persistence.mse).toBeCloseTo(mean(taskMean), 12);
    for (const split of ['seen', 'unseen'] as const) {
      const { auroc, mse, baselines } = summary[split]!;
      expect(auroc).toBeGreaterThan(baselines.randomWeights.auroc!);
      expect(auroc).toBeGreaterThan(baselines.promptOnly.auroc!);
      expect(mse).toBeLessThan(baselines.taskMean.mse!);
      expect(Object.values(baselines).every((one) => one.mse !== null)).toBe(true);
    }
    expect(calibration!.questions).toBe(left.length);
    expect(calibration!.slope).toBeGreaterThan(0.3);
  });

  test('do not look at what is held out', async () => {
    const card = async (k: (right: number, i: number) => number) => {
      const other = checkpoints.map((one) => ({ ...one, k: one.k.map(k) }));
      return (await fitProbe({ ...series, checkpoints: other }, options)).card.scores;
    };
    expect(await card((right, i) => (held[i] ? 0 : right))).toEqual((await fitted).card.scores);
  });

  test('survive the file', async () => {
    const { card, tensors } = modelToTensors(await fitted);
    const restored = modelFromTensors(JSON.parse(JSON.stringify(card)), tensors, 'x');
    expect(restored.card).toEqual(card);
  });

  test('come from the same checkpoint where it is the only one', async () => {
    const one = await fitProbe({ ...series, checkpoints: [latest] }, options);
    const { checkpoint, learnedUpTo, summary } = one.card.scores!;
    expect([checkpoint, learnedUpTo]).toEqual([latest.id, latest.id]);
    expect(summary.unseen!.auroc).toBeGreaterThan(0.7);
    expect(summary.unseen!.baselines.trend.mse).toBeNull();
  });

  test('are none where no question is left to compare with', async () => {
    const n = latest.n.map((answers, i) => (fold[i] === 0 ? 0 : answers));
    const k = latest.k.map((right, i) => (fold[i] === 0 ? 0 : right));
    const few = await fitProbe(
      { ...series, checkpoints: [...checkpoints.slice(0, 3), { ...latest, k, n }] },
      options,
    );
    expect(few.card.scores).toBeNull();
    expect(few.card.limits.filter((limit) => limit.startsWith('Lost'))).toEqual([]);
  });
});

test('what beat the probe is named, split by split', () => {
  const scored = (auroc: number | null, mse: number | null, levelError: number | null) => ({
    auroc,
    mse,
    levelError,
  });
  const nothing = scored(null, null, null);
  const summary = {
    ...{ ...scored(0.7, 0.1, 0.05), oracleAuroc: null, skill: null, brier: null, cells: 1 },
    baselines: {
      persistence: scored(0.7, 0.1, 0.05),
      taskMean: nothing,
      trend: scored(0.5, 0.11, 0.04),
      historyOnly: scored(0.71, 0.09, 0.06),
      promptOnly: nothing,
      randomWeights: nothing,
    },
  };
  const scores: CardScores = {
    ...{ checkpoint: 'c', learnedUpTo: 'b', rows: [], calibration: null },
    summary: { seen: null, unseen: summary },
  };
  expect(lostOf(scores)).toEqual([
    'Lost at c on unseen questions: trend has a lower level error, historyOnly ranks better, historyOnly has a lower MSE.',
  ]);
  expect(lostOf(null)).toEqual([]);
});
