import fc from 'fast-check';
import { expect, it } from 'vitest';
import { logAxis, tickLabel } from './log-axis.ts';
import { printable } from './printable.ts';
import { spreadLabels } from './spread-labels.ts';

it('labels powers of ten, fewer where there is little room, and digits between where there are few powers', () => {
  const labels = (values: readonly number[], most: number): readonly string[] =>
    logAxis(values, most).ticks.map(tickLabel);
  expect(labels([1.1e20, 1.2e22], 5)).toEqual(['1e20', '1e21', '1e22']);
  expect(labels([1e15, 1e23], 5)).toEqual(['1e16', '1e18', '1e20', '1e22']);
  expect(labels([2e20, 6e20], 5)).toEqual(['2e20', '5e20']);
  expect(labels([3e20], 5)).toEqual(['2e20', '5e20']);
  expect(labels([0, -1, Number.NaN], 5)).toEqual(['1e0', '1e1']);
});

it('holds every positive value, with a tick', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 1e-200, max: 1e200, noNaN: true }), { minLength: 1 }),
      (values) => {
        const { low, high, ticks } = logAxis(values, 5);
        expect(values.every((value) => low < value && value < high)).toBe(true);
        expect(ticks.length).toBeGreaterThan(0);
        expect(ticks.length).toBeLessThanOrEqual(5);
        expect(ticks.every((tick) => low <= tick && tick <= high)).toBe(true);
      },
    ),
  );
});

it('moves labels apart, inside the space, in their order', () => {
  expect(spreadLabels([10, 50, 52], 14, 100)).toEqual([10, 50, 64]);
  expect(spreadLabels([98, 97, -5], 14, 100)).toEqual([100, 86, 0]);
  expect(spreadLabels([], 14, 100)).toEqual([]);
});

it('replaces what cannot be shown and leaves the rest', () => {
  expect(printable('a\tb\u0007\u2028c\u202e\ud800')).toBe(
    'a\u{FFFD}b\u{FFFD}\u{FFFD}c\u{FFFD}\u{FFFD}',
  );
  expect(printable('naïve 中文 😀 <b>')).toBe('naïve 中文 😀 <b>');
});
