import { describe, expect, it } from 'vitest';
import { randomStream } from '../stats/index.ts';
import { compareLadders } from './allocation.ts';
import { backTest } from './back-test.ts';
import { createLadderForecaster, forecastBenchmark, forecastCurve } from './forecast.ts';
import { accuracyOfItems, subLadder } from './ladder.ts';
import { forecasters } from './methods/index.ts';
import { lastValue } from './methods/last-value.ts';
import { reachAccuracy } from './reach.ts';
import { ladderOf, syntheticLadder, trueAccuracy } from './testing/synthetic-ladder.ts';
import { describeTrend } from './trend.ts';

const ladder = syntheticLadder();
const largest = ladder.models.at(-1)!.flops;
const target = { flops: 4 * largest, params: 1e9, tokens: 1e11 };
const truth = trueAccuracy(200, 3 ** 5 * 4);

describe('forecastBenchmark', () => {
  const forecast = forecastBenchmark(ladder, target);

  it('has every method but the variants of COD, and the chosen answer', () => {
    const names = forecasters.map(({ name }) => name).filter((name) => !name.includes(':'));
    expect(forecast.methods.map(({ method }) => method)).toEqual([...names, 'chosen']);
    expect(forecast).toMatchObject({ suite: 'synthetic', task: 'task', items: 200 });
  });

  it('answers on a ladder that follows a law, with an interval that covers the truth', () => {
    const chosen = forecast.methods.at(-1)!;
    expect(forecast.chosen).toBe('ensemble');
    expect(chosen).toMatchObject({ method: 'chosen', verdict: 'predictable' });
    expect(chosen.low).toBeLessThan(truth);
    expect(chosen.high).toBeGreaterThan(truth);
    expect([chosen.low, chosen.high]).toEqual(chosen.intervals['0.95']);
    const [low80, high80] = chosen.intervals['0.8'];
    expect(low80).toBeGreaterThan(chosen.low!);
    expect(high80).toBeLessThan(chosen.high!);
  });

  it('gives equal numbers for equal seeds, whichever methods are asked for', () => {
    const alone = forecastBenchmark(ladder, target, { methods: ['cod', 'exponential'] });
    expect(alone.methods.map(({ method }) => method)).toEqual(['exponential', 'cod', 'chosen']);
    for (const one of alone.methods) {
      expect(one).toEqual(forecast.methods.find(({ method }) => method === one.method));
    }
  });

  it('refuses a ladder of three in plain words, with its numbers', () => {
    const short = subLadder(ladder, [0, 1, 2]);
    const { methods, chosen } = forecastBenchmark(short, target, { methods: [] });
    expect(chosen).toBe('ensemble');
    expect(methods[0]).toMatchObject({
      verdict: 'not-predictable',
      reason: 'a ladder of 3 models: 4 or more are needed',
    });
    expect(methods[0]!.accuracy).toBeGreaterThan(0);
    // How far off three models leave a forecast cannot be told.
    expect(methods[0]).toMatchObject({
      ...{ low: null, high: null, intervals: { '0.8': [null, null], '0.95': [null, null] } },
    });
    const single = forecastBenchmark(subLadder(ladder, [0]), target, { methods: [] });
    expect(single.chosen).toBe('last-value');
    expect(single.methods[0]).toMatchObject({
      accuracy: ladder.accuracy[0],
      reason: 'a ladder of 1 model: 4 or more are needed',
    });
  });

  it('refuses what rises nowhere, and what only the largest model can do', () => {
    const flat = forecastBenchmark(ladderOf([0.26, 0.24, 0.25, 0.26, 0.25], 0.25), target);
    expect(flat.methods.at(-1)).toMatchObject({ verdict: 'not-predictable' });
    expect(flat.methods.at(-1)!.reason).toContain('above it are needed');
    const emergent = forecastBenchmark(ladderOf([0.01, 0.02, 0.02, 0.03, 0.57]), target);
    expect(emergent.methods.at(-1)!.reason).toContain(
      'the ladder does not forecast its own largest models',
    );
  });

  it('says why a method has no number', () => {
    const { methods } = forecastBenchmark(ladderOf([0.1, 0.2, 0.3, 0.4]), target);
    const reasonOf = (name: string) => methods.find(({ method }) => method === name)?.reason;
    expect(reasonOf('cod')).toBe('needs outcomes per item');
    expect(reasonOf('task-ladder')).toBe('needs 5 ladder models, found 4');
    expect(reasonOf('loss-intermediate')).toBe(
      'needs the task’s loss at every ladder model, in one unit',
    );
    expect(reasonOf('observational')).toBe(
      'needs 3 other benchmarks measured at every model, found 0',
    );
    expect(methods.find(({ method }) => method === 'irt')).toMatchObject({
      accuracy: null,
      low: null,
      high: null,
      intervals: { '0.8': [null, null], '0.95': [null, null] },
      verdict: 'not-predictable',
    });
  });

  it('widens with the extrapolation', () => {
    const width = (times: number): number => {
      const { low, high } = forecastBenchmark(
        ladder,
        { ...target, flops: times * largest },
        { methods: [] },
      ).methods[0]!;
      return high! - low!;
    };
    expect(width(16)).toBeGreaterThan(width(2));
  });

  it.each([
    [
      { ...ladder, models: [], accuracy: new Float64Array() },
      'expected a ladder with models, got none',
    ],
    [
      { ...ladder, models: [...ladder.models].reverse() },
      'expected models by ascending compute, got 8.100e+19 FLOPs for m4 after 2.430e+20',
    ],
    [
      { ...ladder, accuracy: ladder.accuracy.map(() => 1.2) },
      'expected an accuracy from 0 to 1, got 1.2 for m0',
    ],
    [{ ...ladder, chance: 1 }, 'expected `chance` from 0 up to below 1, got 1'],
  ])('refuses what is no ladder', (wrong, message) => {
    expect(() => forecastBenchmark(wrong, target)).toThrow(
      new RangeError(`\`forecast\`: ${message}`),
    );
  });
});

it.each([0, -1, Number.NaN, Infinity])('refuses a target of %d FLOPs', (flops) => {
  expect(() => forecastBenchmark(ladder, { ...target, flops })).toThrow(
    new RangeError(`\`forecast\`: expected a target of FLOPs above 0, got ${flops}`),
  );
});

it('takes a benchmark that every model solves', () => {
  const { items } = syntheticLadder({ items: 200 });
  items!.right.set(items!.answers);
  const solved = { ...ladder, items, ...accuracyOfItems(items!, 6) };
  expect([...solved.accuracy]).toEqual([1, 1, 1, 1, 1, 1]);
  expect(forecastBenchmark(solved, target, { methods: [] }).methods[0]!.accuracy).toBeGreaterThan(
    0.99,
  );
});

describe('forecastCurve', () => {
  it('is the law inside the ladder, without an interval', () => {
    const inside = ladder.models.slice(0, -1).map(({ flops }) => flops);
    forecastCurve(ladder, inside).forEach(({ flops, accuracy, intervals, verdict }, model) => {
      expect({ flops, intervals, verdict }).toEqual({
        ...{ flops: inside[model], intervals: null, verdict: null },
      });
      expect(Math.abs(accuracy - ladder.accuracy[model]!)).toBeLessThan(0.05);
    });
  });

  it('is the chosen forecast at each compute', () => {
    const [point] = forecastCurve(ladder, [target.flops]);
    const chosen = forecastBenchmark(ladder, target, { methods: [] }).methods[0]!;
    expect(point).toEqual({
      flops: target.flops,
      accuracy: chosen.accuracy,
      intervals: chosen.intervals,
      verdict: chosen.verdict,
    });
  });
});

describe('reachAccuracy', () => {
  it('finds the compute at which the forecast reaches an accuracy, between the ends of its interval', () => {
    const [wanted] = forecastCurve(ladder, [1.5 * largest]);
    const { flops, low, high } = reachAccuracy(createLadderForecaster(ladder), wanted!.accuracy);
    expect(flops! / largest).toBeCloseTo(1.5, 5);
    expect(low ?? largest).toBeLessThan(flops!);
    expect(high).toBeGreaterThan(flops!);
  });

  it('answers from the ladder what a model of it has reached', () => {
    const flops = ladder.models[3]!.flops;
    const accuracy = ladder.accuracy[3]!;
    expect(reachAccuracy(createLadderForecaster(ladder), accuracy)).toEqual({
      ...{ accuracy, flops, low: null, high: flops },
      reason: 'reached by m3',
    });
  });

  it('says what is out of reach', () => {
    const { flops, reason } = reachAccuracy(createLadderForecaster(ladder), 0.999);
    expect(flops).toBeNull();
    expect(reason).toMatch(
      /^not within reach of what can be said: \d+\.\d points at \d+\.\d × the largest model’s compute is the furthest$/,
    );
    const emergent = reachAccuracy(
      createLadderForecaster(ladderOf([0.01, 0.02, 0.02, 0.03, 0.57])),
      0.6,
    );
    expect(emergent.flops).toBeNull();
    expect(emergent.reason).toContain('the ladder does not forecast its own largest models');
  });
});

describe('compareLadders', () => {
  it('finds the better recipe, and the point that narrows the difference most', () => {
    const worse = { ...ladder, accuracy: ladder.accuracy.map((value) => 0.9 * value), items: null };
    const { difference, low, high, narrowing } = compareLadders(ladder, worse, target, {
      replicates: 50,
    });
    expect(difference).toBeLessThan(0);
    expect(low).toBeLessThan(difference!);
    expect(high).toBeGreaterThan(difference!);
    expect(narrowing).toHaveLength(6);
    const widths = narrowing.map(({ width }) => width);
    expect(widths).toEqual([...widths].sort((a, b) => a - b));
    expect(widths[0]).toBeLessThan(high! - low!);
  });

  it('is antisymmetric', () => {
    const other = syntheticLadder({ seed: 1 });
    const options = { replicates: 20 };
    const [ab, ba] = [
      compareLadders(ladder, other, target, options),
      compareLadders(other, ladder, target, options),
    ];
    expect(ab.difference).toBeCloseTo(-ba.difference!, 12);
    expect(ab.low).toBeCloseTo(-ba.high!, 12);
  });
});

describe('backTest', () => {
  it('forecasts the largest models from those with less compute', () => {
    const points = backTest(lastValue, ladder);
    expect(
      points.map(({ checkpoint, extrapolation }) => [checkpoint, Math.round(extrapolation)]),
    ).toEqual([
      ['m5', 3],
      ['m4', 3],
      ['m3', 3],
    ]);
    expect(points[0]!.error).toBeCloseTo(ladder.accuracy[4]! - ladder.accuracy[5]!, 12);
  });

  it('never forecasts a model from one of equal compute', () => {
    const twins = {
      ...ladder,
      models: ladder.models.map((model, i) => (i === 4 ? { ...model, flops: largest } : model)),
    };
    expect(backTest(lastValue, twins)[0]!.error).toBeCloseTo(
      ladder.accuracy[3]! - ladder.accuracy[5]!,
      12,
    );
  });

  it('is empty for a short ladder', () => {
    expect(backTest(lastValue, subLadder(ladder, [0, 1, 2]))).toEqual([]);
  });
});

describe('describeTrend', () => {
  it('tells a clear rise from noise', () => {
    expect(describeTrend(ladder).significance).toBeGreaterThan(10);
    const noise = ladderOf([0.31, 0.29, 0.3, 0.31, 0.29]);
    expect(Math.abs(describeTrend(noise).significance)).toBeLessThan(2);
  });

  it('estimates what models are off by on their own', () => {
    const smooth = Array.from({ length: 12 }, (_, i) => 0.2 + 0.05 * i);
    const off = smooth.map((value, i) => value + (i % 2 === 0 ? 0.03 : -0.03));
    expect(describeTrend(ladderOf(smooth)).shock).toBeLessThan(0.01);
    expect(describeTrend(ladderOf(off)).shock).toBeGreaterThan(0.02);
  });

  it('does not take sampling error for shocks', () => {
    const stream = randomStream('sampling only');
    const shocks = Array.from({ length: 200 }, () => {
      const noisy = Array.from({ length: 9 }, (_, i) => 0.2 + 0.05 * i + 0.02 * stream.normal());
      const ladderOfNoise = { ...ladderOf(noisy), variance: new Float64Array(9).fill(0.0004) };
      return describeTrend(ladderOfNoise).shock;
    });
    // The prior is 1 point; clipping every difference at zero gave 1.3.
    expect(shocks.reduce((sum, shock) => sum + shock, 0) / 200).toBeLessThan(0.0115);
  });
});
