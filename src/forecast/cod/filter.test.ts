import { describe, expect, it } from 'vitest';
import { fitExponentialLaw } from '../laws/index.ts';
import { filterCluster, type FilterInput } from './filter.ts';

const data = {
  x: Float64Array.from([1, 3, 9, 27]),
  y: Float64Array.from([0.1, 0.3, 0.5, 0.66]),
  weights: new Float64Array(4).fill(1000),
};
const input: FilterInput = {
  fit: fitExponentialLaw(data, { chance: 0, guess: 'fixed' }),
  first: 0.1,
  last: 0.66,
  target: 0.75,
  asymptote: 0.95,
  riseError: 0.05,
  rmse: 0.01,
  measured: 0.66,
  chance: 0,
};

const withParameters = (a: number, b: number, c: number): FilterInput => ({
  ...input,
  fit: { ...input.fit, parameters: { g: 0, a, b, c } },
});

describe('filterCluster', () => {
  it.each<['paper' | 'unit-free', FilterInput, string, string]>([
    ['paper', withParameters(2, 0.4, 0.1), 'extrapolated', 'a > 1, b > 0.1, c < 1'],
    ['paper', withParameters(0.8, 0.4, 0.1), 'dropped', 'a = 0.80 is not above 1: no growth'],
    ['paper', withParameters(2, 0.05, 0.1), 'dropped', 'b = 0.05 is not above 0.1: no growth'],
    ['paper', withParameters(2, 0.4, 1.2), 'dropped', 'c = 1.20 is not below 1: a low ceiling'],
    [
      'paper',
      { ...input, measured: 0.97 },
      'saturated',
      'solved: 97.0 points at the largest model',
    ],
    ['unit-free', input, 'extrapolated', 'rises by 56.0 points, to 95.0 points'],
    [
      'unit-free',
      { ...input, measured: 0.97 },
      'saturated',
      'solved: 97.0 points at the largest model',
    ],
    ['unit-free', { ...input, last: 0.12 }, 'dropped', 'rises by 2.0 points over the ladder'],
    [
      'unit-free',
      { ...input, riseError: 0.5 },
      'dropped',
      'its rise of 56.0 points is within its error',
    ],
    [
      'unit-free',
      { ...input, riseError: Infinity },
      'dropped',
      'its rise of 56.0 points is within its error',
    ],
    ['unit-free', { ...input, asymptote: 0.2 }, 'dropped', 'converges to 20.0 points, too low'],
    ['unit-free', { ...input, chance: 0.9 }, 'dropped', 'converges to 95.0 points, too low'],
    ['unit-free', { ...input, rmse: 0.1 }, 'dropped', 'the law misses its points by 10.0 points'],
    ['unit-free', { ...input, target: 1 }, 'extrapolated', 'rises by 56.0 points, to 95.0 points'],
    ['unit-free', { ...input, last: 0.3, target: 0.7 }, 'dropped', 'a leap of 40.0 points'],
  ])('%s: %#', (rule, cluster, state, reason) => {
    expect(filterCluster(rule, cluster)).toEqual({ state, reason });
  });

  it('drops a law that could not be fitted, with its reason', () => {
    const fit = fitExponentialLaw(
      { x: data.x.slice(0, 2), y: data.y.slice(0, 2), weights: data.weights.slice(0, 2) },
      { chance: 0, guess: 'free' },
    );
    for (const rule of ['paper', 'unit-free'] as const) {
      expect(filterCluster(rule, { ...input, fit })).toEqual({
        state: 'dropped',
        reason: fit.reason,
      });
    }
  });
});
