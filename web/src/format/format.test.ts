import { expect, it } from 'vitest';
import { count, flops, interval, points, pValue, signedPoints, withinRun } from './index.ts';

it('writes shares in points, and what is not there as a dash', () => {
  expect([points(0.7345), points(null), interval(0.7, 0.751), interval(null, 1)]).toEqual([
    '73.5',
    '–',
    '70.0 … 75.1',
    '–',
  ]);
  expect([points(-0.0001), points(-0.021), interval(-0.1, 0)]).toEqual([
    '0.0',
    '−2.1',
    '−10.0 … 0.0',
  ]);
});

it('gives a difference its sign, and none to nothing', () => {
  expect([0.012, -0.012, 0.0002, -0.0002, null].map(signedPoints)).toEqual([
    '+1.2',
    '−1.2',
    '0.0',
    '0.0',
    '–',
  ]);
});

it('shortens counts', () => {
  expect([26, 958_272, 4e9, 23_986_176, 0.5].map(count)).toEqual([
    '26',
    '958K',
    '4.00B',
    '24.0M',
    '0.500',
  ]);
  expect([flops(1.2e14), flops(null), pValue(0.00002), pValue(0.04)]).toEqual([
    '1.2e14',
    '–',
    '< 0.001',
    '0.040',
  ]);
});

it('names a checkpoint within its run', () => {
  expect([withinRun('d128L4/step1'), withinRun('step1')]).toEqual(['step1', 'step1']);
});
