import { describe, expect, test } from 'vitest';
import { UserError } from '../error/index.ts';
import { applyCalibration } from '../estimate/index.ts';
import { randomStream } from '../stats/index.ts';
import {
  calibrated,
  calibrationWithout,
  learnCalibration,
  type ReplayedPairs,
} from './calibration.ts';
import { fitProbe, modelFromTensors, modelToTensors, predictCheckpoint } from './index.ts';
import { syntheticSeries } from './testing/synthetic-series.ts';

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
const logit = (p: number) => Math.log(p / (1 - p));

/** Predictions whose true rates are σ(slope · logit p + intercept), off by `noise` of their log odds. */
function pairsOf(
  cut: number,
  [slope, intercept]: readonly [number, number],
  { questions = 60, noise = 0 } = {},
): ReplayedPairs {
  const draws = randomStream('pairs', cut);
  const predicted = Float64Array.from({ length: questions }, () => sigmoid(1.5 * draws.normal()));
  const rates = predicted.map((p) =>
    sigmoid(slope * logit(p) + intercept + noise * draws.normal()),
  );
  return { cut, checkpoint: cut + 1, predicted, rates };
}

const late = [0, 1, 2, 3].map((cut) => pairsOf(cut, [0.7, 0.5]));

describe('learnCalibration', () => {
  test('finds how the past erred, from all cuts together', () => {
    const { map, ...from } = learnCalibration('platt', late)!;
    expect(from).toEqual({ cuts: 4, questions: 240 });
    if (map.method !== 'platt') throw new Error(map.method);
    expect(map.slope).toBeCloseTo(0.7, 3);
    expect(map.intercept).toBeCloseTo(0.5, 3);
  });

  test('keeps an isotonic curve short, and near the whole one', () => {
    const many = pairsOf(0, [1, 0.5], { questions: 5000, noise: 0.2 });
    const { map } = learnCalibration('isotonic', [many])!;
    if (map.method !== 'isotonic') throw new Error(map.method);
    expect([map.x.length, map.y.length]).toEqual([64, 64]);
    for (const p of [0.1, 0.3, 0.5, 0.7, 0.9]) {
      const [found] = applyCalibration(map, Float64Array.of(p));
      expect(Math.abs(found! - sigmoid(logit(p) + 0.5))).toBeLessThan(0.03);
    }
  });

  test('is none for `none`, for few questions, and where it would turn the ranking round', () => {
    expect(learnCalibration('none', late)).toBeNull();
    expect(learnCalibration('platt', [pairsOf(0, [0.7, 0.5], { questions: 99 })])).toBeNull();
    expect(learnCalibration('platt', [pairsOf(0, [-1, 0], { questions: 100 })])).toBeNull();
    const p = Float64Array.of(0.3);
    expect(calibrated(p, null)).toBe(p);
  });

  test('without a cut and a checkpoint has seen neither', () => {
    const other = late.map((pair) =>
      pair.cut === 1 || pair.checkpoint === 4 ? pairsOf(pair.cut, [3, -2]) : pair,
    );
    const without = (pairs: readonly ReplayedPairs[]) =>
      calibrationWithout('beta', pairs, { cut: 1, checkpoint: 4 });
    expect(without(other)).toEqual(without(late));
    expect(without(late)).toMatchObject({ cuts: 2, questions: 120 });
    expect(calibrationWithout('beta', [late[0]!], { cut: 0, checkpoint: 3 })).toBeNull();
  });
});

describe('a calibrated probe', () => {
  const series = syntheticSeries({ checkpoints: 5, itemsPerTask: 90 });
  const learned = { ...series, checkpoints: series.checkpoints.slice(0, 4) };
  const latest = series.checkpoints[4]!;
  const options = { name: 'p', threads: 1, trendShare: 0 };
  const raw = fitProbe({ ...learned, random: null }, options);
  const model = fitProbe({ ...learned, random: null }, { ...options, calibration: 'platt' });
  const at = async (of: typeof model, checkpoint: typeof latest) => {
    const { items, layout } = series;
    const { items: found } = await predictCheckpoint(await of, { items, layout, checkpoint });
    return Float64Array.from(found, ({ p }) => p);
  };

  test('sends its predictions of later checkpoints through the map, before the trend', async () => {
    const { calibration } = (await model).card;
    // Three cuts, each on the next of four labelled checkpoints; 54 of 90 questions a task are not held out.
    expect(calibration).toMatchObject({ cuts: 3, questions: 3 * 108, map: { method: 'platt' } });
    expect((await raw).card.calibration).toBeNull();
    const before = await at(raw, latest);
    const after = await at(model, latest);
    expect(after).toEqual(applyCalibration(calibration!.map, before));
    expect(after).not.toEqual(before);
  });

  test('leaves a fitted checkpoint and one beyond a break as they are', async () => {
    const first = series.checkpoints[0]!;
    expect(await at(model, first)).toEqual(await at(raw, first));
    const tuned = { ...latest, id: 'tuned', stage: 'sft' };
    expect(await at(model, tuned)).toEqual(await at(raw, tuned));
  });

  test('has errors of calibrated predictions behind its intervals', async () => {
    const [own, other] = [(await model).card.residuals, (await raw).card.residuals];
    const where = ({ task, horizon, measured }: (typeof own)[number]) => [task, horizon, measured];
    expect(own.map(where)).toEqual(other.map(where));
    for (const [i, { horizon, predicted }] of own.entries()) {
      if (horizon === 0) expect(predicted).toBe(other[i]!.predicted);
    }
    const moved = own.filter(({ predicted }, i) => predicted !== other[i]!.predicted);
    // For every cut and checkpoint there is one other cut to learn from.
    expect(moved.length).toBe(own.filter(({ horizon }) => horizon > 0).length);
  });

  test('survives the file, and says so where nothing could be learned', async () => {
    const { card, tensors } = modelToTensors(await model);
    const restored = modelFromTensors(JSON.parse(JSON.stringify(card)), tensors, 'x');
    expect(restored.card.calibration).toEqual(card.calibration);
    const bent = { map: { method: 'isotonic', x: [0, 1], y: [1, 0] }, cuts: 1, questions: 100 };
    expect(() => modelFromTensors({ ...card, calibration: bent }, tensors, 'x')).toThrow(
      'probe card: calibration.map: expected a curve that does not fall, as many x as y (in x); fit the probe again',
    );
    const one = { ...learned, random: null, checkpoints: learned.checkpoints.slice(0, 1) };
    const alone = await fitProbe(one, { ...options, calibration: 'beta' });
    expect(alone.card.calibration).toBeNull();
    expect(alone.card.limits).toContain(
      'Not calibrated: replays of the past predicted too few questions of a next labelled checkpoint (below 100), or ranked them the wrong way round.',
    );
  });

  test('refuses a method that is none', async () => {
    const calibration = 'plat' as 'platt';
    await expect(fitProbe(learned, { ...options, calibration })).rejects.toThrow(
      new UserError('fit: expected `calibration` among [none, platt, beta, isotonic], got plat'),
    );
  });
});
