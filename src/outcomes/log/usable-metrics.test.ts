import { describe, expect, it } from 'vitest';
import { scoreOf, UsableMetrics } from './usable-metrics.ts';

const row = (scores: Record<string, unknown>): Map<string, unknown> =>
  new Map(Object.entries(scores));

describe('UsableMetrics', () => {
  it('leaves out a metric that any of the first rows shows to be on another scale', () => {
    const metrics = new UsableMetrics(
      [row({ acc: 1, length: 0, known: 0.5 }), row({ acc: 'True', length: 12, f1: [0, 1] })],
      ['known'],
    );
    expect([metrics.has('acc'), metrics.has('length'), metrics.has('known')]).toEqual([
      ...[true, false, false],
    ]);
    expect(metrics.score('acc', 'False')).toBe(0);
    expect(metrics.score('length', 1)).toBe(null);
    expect(metrics.score('f1', [0, 1])).toBe(null);
    expect(metrics.score('bits_per_byte', 0.5)).toBe(null);
    expect(metrics.score('length', 12)).toBe(null);
    expect(metrics.notices()).toEqual([
      '`length` is no score of single questions, 1 of its 2 values lie outside 0…1: it is left out; the results file has the task’s',
    ]);
  });

  it('withdraws one that leaves the scale only later', () => {
    const metrics = new UsableMetrics([row({ overlap: 0.5 })], []);
    expect(metrics.notices()).toEqual([]);
    const scores = [0.5, 1, 1.5, 0.25].map((value) => metrics.score('overlap', value));
    expect(scores).toEqual([0.5, 1, null, null]);
    const names = ['overlap,none', 'overlap', 'overlapping,none', 'overlap,none,all-repeats'];
    expect(metrics.withdrawn(names)).toEqual([
      'overlap,none',
      'overlap',
      'overlap,none,all-repeats',
    ]);
    expect(metrics.notices()).toEqual([
      '`overlap` is no score of single questions, 1 of its 4 values lie outside 0…1: it is left out; the results file has the task’s',
    ]);
  });

  it('tells of values that do not exist', () => {
    const metrics = new UsableMetrics([], []);
    const scores = [1, null, 'nan', 0].map((value) => metrics.score('acc', value));
    expect(scores).toEqual([1, null, null, 0]);
    expect(metrics.score('acc_uncond', null)).toBe(null);
    expect([metrics.missing('acc'), metrics.notices()]).toEqual([
      2,
      ['`acc` is no number (NaN) for 2 of 4 questions: they are left out'],
    ]);
  });
});

describe('scoreOf', () => {
  it.each([
    [1, 1],
    [true, 1],
    ['0.25', 0.25],
    ['1e-3', 0.001],
    [NaN, null],
    ['', null],
    ['C', null],
    ['1.2.3', null],
    [null, null],
    [[1], null],
  ])('reads %j as %j', (given, expected) => {
    expect(scoreOf(given)).toBe(expected);
  });
});
