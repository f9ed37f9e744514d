import { describe, expect, test } from 'vitest';
import {
  type DriftReference,
  featureMove,
  fewReference,
  referenceAt,
  signalValue,
  taskDrifts,
} from './drift.ts';
import type { DriftReading } from './drift-reading.ts';
import { type DriftMove, driftRule, thumbRule } from './drift-rule.ts';

/** Two tasks, two components; task 0 stands at x, task 1 stays. */
const at = (x: number, rest: Partial<DriftReading> = {}): DriftReading => ({
  means: Float32Array.of(x, 0, 5, 5),
  spread: Float64Array.of(2, 1),
  score: Float64Array.of(0, 0),
  disagreement: null,
  ...rest,
});
const reference: DriftReference = { ...at(10), usual: Float64Array.of(1, 1) };

describe('what is compared', () => {
  test('features move in units of the spread of the questions, and of what is usual over √distance', () => {
    expect(featureMove(at(4), at(10), 0)).toBe(3);
    expect([...referenceAt(at(4), at(10), 0.25).usual]).toEqual([6, 0]);
    const to = at(22);
    expect(signalValue('features', { from: referenceAt(at(4), at(10), 0.25), to, t: 0 })).toBe(1);
  });

  test('of few fitted checkpoints the widest move between two is the usual one', () => {
    expect([...fewReference([at(0), at(8), at(10)]).usual]).toEqual([5, 0]);
    expect([...fewReference([at(0)]).usual]).toEqual([1, 1]);
  });

  test('the score counts in both directions, the disagreement only where it grows', () => {
    const from = { ...reference, disagreement: Float64Array.of(0.5, 0.5) };
    const to = at(10, { score: Float64Array.of(-2, 1), disagreement: Float64Array.of(0.25, 0.75) });
    const values = (signal: 'score' | 'disagreement') =>
      [0, 1].map((t) => signalValue(signal, { from, to, t }));
    expect(values('score')).toEqual([2, 1]);
    expect(values('disagreement')).toEqual([0, 0.25]);
    expect(signalValue('disagreement', { from, to: at(10), t: 0 })).toBeNull();
  });
});

describe('the rule', () => {
  const moves = (signal: DriftMove['signal'], scale: number): DriftMove[] =>
    Array.from({ length: 200 }, (_, i) => {
      const horizon = 0.25 * (1 + (i % 4));
      return { signal, value: scale * ((i + 1) / 200) * horizon, horizon, age: 1 };
    });

  test('limits are quantiles of past moves over distance, the false alarms shared by the signals', () => {
    const rule = driftRule([...moves('features', 1), ...moves('score', 10)], 0.1);
    expect([rule.falseAlarmRate, rule.shortest]).toEqual([0.1, 0.25]);
    expect(rule.signals.map(({ name, growth, moves: seen }) => [name, growth, seen])).toEqual([
      ['features', 1, 200],
      ['score', 1, 200],
    ]);
    expect(rule.signals[0]!.limit).toBeCloseTo(0.955, 3);
    expect(rule.signals[1]!.limit).toBeCloseTo(9.55, 2);
    const [alone] = driftRule(moves('features', 1), 0.1).signals;
    expect(alone!.limit).toBeCloseTo(0.905, 3);
    expect(rule.method).toContain('0.1 false alarms a task shared by 2 signals');
  });

  test('about that share of moves like the past ones is an alarm', () => {
    const rule = driftRule([...moves('features', 1), ...moves('score', 10)], 0.1);
    const alarms = moves('features', 1).filter(({ value, horizon }) => {
      const reading = at(10 + 2 * value);
      return taskDrifts(rule, reference, { reading, horizon })[0]!.status === 'drift';
    });
    expect(alarms.length / 200).toBeCloseTo(0.045, 2);
  });

  test('says which signals fired, with value and limit, and by how much', () => {
    const rule = driftRule([...moves('features', 1), ...moves('score', 10)]);
    const reading = at(14, { score: Float64Array.of(20, 0) });
    const [first, second] = taskDrifts(rule, reference, { reading, horizon: 1 });
    expect(first!.status).toBe('drift');
    expect(first!.reason).toBe(
      'states moved 2.0 times their usual move (limit 0.98); mean predicted log odds moved by 20 (limit 9.8)',
    );
    expect(first!.excess).toBeCloseTo(2.04, 2);
    expect(second).toEqual({ status: 'ok', reason: null, excess: 0 });
    // The same move over a longer way is nothing unusual.
    const far = taskDrifts(rule, reference, { reading, horizon: 9 });
    expect(far.map(({ status }) => status)).toEqual(['ok', 'ok']);
  });

  test('a task without questions is ok', () => {
    const reading = at(99, { spread: Float64Array.of(NaN, 1) });
    const [none] = taskDrifts(thumbRule(2), reference, { reading, horizon: 1 });
    expect(none).toEqual({ status: 'ok', reason: null, excess: 0 });
  });

  test('where nothing was replayed it is a rule of thumb without a rate', () => {
    const few = fewReference([at(0), at(10)]);
    const status = (x: number) =>
      taskDrifts(thumbRule(2), few, { reading: at(x), horizon: 5 })[0]!.status;
    expect([status(24), status(26)]).toEqual(['ok', 'drift']);
    const one = fewReference([at(0)]);
    const alone = (x: number) =>
      taskDrifts(thumbRule(1), one, { reading: at(x), horizon: 5 })[0]!.status;
    expect([alone(3.9), alone(4.1)]).toEqual(['ok', 'drift']);
    expect(thumbRule(2)).toMatchObject({ falseAlarmRate: null, shortest: 0 });
    expect(thumbRule(2).method).toContain(
      '1.5 times as far as any two of the 2 fitted checkpoints',
    );
  });
});
