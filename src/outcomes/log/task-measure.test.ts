import { describe, expect, it } from 'vitest';
import { measureUnit, taskMeasure } from './task-measure.ts';

const none = { k: null, n: null, loss: null, lossUnit: null };

describe('taskMeasure', () => {
  it.each([
    ['acc', 0.5, 4, { ...none, kind: 'count', k: 2, n: 4 }],
    ['acc', 0.5, null, { ...none, kind: 'score', k: 0.5, n: 1 }],
    ['f1', 0.5, 4, { ...none, kind: 'score', k: 0.5, n: 4 }],
    ['acc', 1, 3, { ...none, kind: 'count', k: 3, n: 3 }],
    ['bits_per_byte', 0.9, 4, { ...none, kind: 'count', loss: 0.9, lossUnit: 'bits per byte' }],
    ['bleu', 0.4, 4, { ...none, kind: 'count', loss: 0.4, lossUnit: 'bleu' }],
    ['length', 12, 4, { ...none, kind: 'count', loss: 12, lossUnit: 'length' }],
    ['mcc', -0.1, 4, { ...none, kind: 'count', loss: -0.1, lossUnit: 'mcc' }],
  ])('says what %s of %d over %s questions is', (metric, value, n, expected) => {
    expect(taskMeasure(metric, value, n)).toEqual(expected);
  });
});

describe('measureUnit', () => {
  it('knows metrics that are right or wrong though they compare scores', () => {
    expect(measureUnit('rougeL_diff')).toBe('rougeL_diff');
    expect(measureUnit('rougeL_acc')).toBe(null);
    expect(measureUnit('exact_match')).toBe(null);
  });
});
