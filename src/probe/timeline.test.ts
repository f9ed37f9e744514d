import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fitProbe, predictCheckpoint } from './index.ts';
import { syntheticSeries } from './testing/synthetic-series.ts';
import { createTimeline, distanceFrom, latestBefore, positionOf } from './timeline.ts';
import { hasTrend } from './trend.ts';

const at = (tokens: number | null, stage: string | null = null, step: number | null = null) => ({
  tokens,
  step,
  stage,
});
const logs = (values: readonly number[]) => values.map((value) => Math.log(value));

describe('timeline', () => {
  test('uses the finest unit that all checkpoints state', () => {
    const tokens = createTimeline([at(10), at(100)]);
    expect([tokens.unit, tokens.fitted]).toEqual(['log-tokens', [Math.log(10), Math.log(100)]]);
    expect(createTimeline([at(10, null, 1), at(null, null, 2)]).unit).toBe('log-steps');
    const order = createTimeline([at(null), at(null)]);
    expect([order.unit, order.fitted]).toEqual(['order', [0, Math.log(2)]]);
    expect(positionOf(tokens, at(1000))).toBe(Math.log(1000));
    expect(positionOf(order, at(1000))).toBeCloseTo(2 * Math.log(2), 12);
    expect([
      latestBefore(tokens, Math.log(50)),
      latestBefore(tokens, Math.log(10)),
      latestBefore(tokens, 99),
    ]).toEqual([0, -1, 1]);
  });
});

describe('a checkpoint at 0', () => {
  const timeline = createTimeline([at(0), at(100), at(200)]);

  test('stands one place before the first behind it', () => {
    expect(timeline.unit).toBe('log-tokens');
    expect(timeline.fitted).toEqual([Math.log(100) - Math.log(2), ...logs([100, 200])]);
    const steps = createTimeline([at(null, null, 0), at(null, null, 4)]);
    expect(steps.fitted).toEqual([Math.log(4) - Math.log(2), Math.log(4)]);
    expect(createTimeline([at(0), at(0)]).unit).toBe('order');
    expect(positionOf(createTimeline([at(100)]), at(0))).toBeCloseTo(Math.log(50), 12);
  });

  test('is the past of whatever comes behind it, and of nothing before', () => {
    const cut = (tokens: number) => latestBefore(timeline, positionOf(timeline, at(tokens)));
    expect([0, 10, 60, 100, 150, 999].map(cut)).toEqual([-1, 0, 0, 0, 1, 2]);
  });
});

test('a count that starts anew goes on from the stage before', () => {
  const timeline = createTimeline([at(10, 'pretrain'), at(100, 'pretrain'), at(20, 'sft')]);
  expect(timeline.fitted).toEqual(logs([10, 100, 120]));
  const position = (tokens: number, stage: string | null) =>
    Math.exp(positionOf(timeline, at(tokens, stage)));
  expect(position(50, 'sft')).toBeCloseTo(150, 9);
  expect(position(5, 'dpo')).toBeCloseTo(125, 9);
  expect(position(90, 'pretrain')).toBeCloseTo(90, 9);
  // Known to stand before `sft`, whatever its own count says.
  expect(position(5000, 'pretrain')).toBeLessThan(120);
  expect(latestBefore(timeline, Math.log(position(5000, 'pretrain')))).toBe(1);
});

test('without a common unit, what is known of the order still holds', () => {
  const order = createTimeline([at(10), at(null), at(100)]);
  expect(order.unit).toBe('order');
  const cut = (facts: ReturnType<typeof at>) => latestBefore(order, positionOf(order, facts));
  expect([at(5), at(50), at(500), at(null)].map(cut)).toEqual([-1, 1, 2, 2]);
});

test('gaps are never negative, and no earlier checkpoint sees later ones', () => {
  const stages = ['pretrain', 'midtrain', 'sft'];
  const point = fc.record({ stage: fc.nat(2), tokens: fc.nat(50) });
  fc.assert(
    fc.property(fc.array(point, { minLength: 1, maxLength: 8 }), point, (points, scored) => {
      const order = (p: typeof scored) => p.stage * 1000 + p.tokens;
      const facts = (p: typeof scored) => at(p.tokens, stages[p.stage]);
      const sorted = [...points].sort((a, b) => order(a) - order(b));
      const timeline = createTimeline(sorted.map(facts));
      const { fitted } = timeline;
      expect(fitted.every((value, c) => c === 0 || value >= fitted[c - 1]!)).toBe(true);
      const position = positionOf(timeline, facts(scored));
      expect(Number.isFinite(position)).toBe(true);
      const cut = latestBefore(timeline, position);
      if (cut >= 0) expect(order(sorted[cut]!)).toBeLessThanOrEqual(order(scored));
    }),
  );
});

test('the distance is that from the nearest fitted checkpoint, behind or before', () => {
  const timeline = createTimeline([at(100), at(200)]);
  const distance = (tokens: number) => distanceFrom(timeline, positionOf(timeline, at(tokens)));
  expect(distance(50)).toBeCloseTo(Math.log(2), 12);
  expect(distance(190)).toBeCloseTo(Math.log(200 / 190), 12);
  expect(distance(400)).toBeCloseTo(Math.log(2), 12);
});

describe('through a fit', () => {
  const series = syntheticSeries({ checkpoints: 5, itemsPerTask: 20 });
  const { items, layout } = series;
  const fit = (checkpoints: typeof series.checkpoints) =>
    fitProbe({ ...series, random: null, checkpoints }, { name: 'time', threads: 1 });

  test('the trend is named as missing exactly where it is', async () => {
    const [first, ...rest] = series.checkpoints;
    const zero = { ...first!, tokens: 0, step: 0 };
    for (const checkpoints of [
      [zero, ...rest.slice(0, 3)],
      [zero, ...rest.slice(0, 2)],
      rest.slice(0, 2),
    ]) {
      const model = await fit(checkpoints);
      const input = { items, layout, checkpoint: rest[3]! };
      const [task] = (await predictCheckpoint(model, input)).tasks;
      const exists = task!.baselines.trend !== null;
      expect(exists).toBe(hasTrend(createTimeline(checkpoints)));
      expect(model.card.limits.some((limit) => limit.includes('no trend baseline'))).toBe(!exists);
    }
  });

  test('a checkpoint before the first fitted one gets a wider interval the farther it lies', async () => {
    const model = await fit(series.checkpoints.slice(2));
    const width = async (tokens: number) => {
      const checkpoint = { ...series.checkpoints[1]!, tokens };
      const [task] = (await predictCheckpoint(model, { items, layout, checkpoint })).tasks;
      return task!.high - task!.low;
    };
    const [near, far] = [await width(399_000), await width(2000)];
    expect(far).toBeGreaterThan(near);
  });
});
