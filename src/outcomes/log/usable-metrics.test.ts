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
    expect(metrics.notice()).toBe(
      'values of `length` outside 0…1 are no outcomes of questions and left out; the results file has the task’s',
    );
  });

  it('tells of one that leaves the scale only later', () => {
    const metrics = new UsableMetrics([row({ overlap: 0.5 })], []);
    expect(metrics.notice()).toBe(null);
    expect([metrics.score('overlap', 1), metrics.score('overlap', 1.5)]).toEqual([1, null]);
    expect([...metrics.outside]).toEqual(['overlap']);
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
