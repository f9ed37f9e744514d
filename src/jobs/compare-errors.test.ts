import { describe, expect, test } from 'vitest';
import type { ProbeCard } from '../probe/index.ts';
import { differenceErrors } from './compare-errors.ts';

type Residual = ProbeCard['residuals'][number];

/** A residual with this error. */
const off = (error: number, horizon: number, task = 't'): Residual => ({
  ...{ task, horizon, predicted: 0.5 },
  measured: 0.5 + error,
});

/** What of a card is read. */
const card = (residuals: readonly Residual[], checkpoints = 4): ProbeCard =>
  ({
    name: 'p',
    tasks: [...new Set(residuals.map(({ task }) => task))],
    checkpoints: Array.from({ length: checkpoints }, (_, index) => ({ id: `c${index}` })),
    residuals,
  }) as unknown as ProbeCard;

describe('differenceErrors', () => {
  test('pairs neighbours of one fit, and begins anew where the horizon falls', () => {
    const residuals = [off(0.1, 1), off(0.2, 2), off(0.4, 3), off(0.3, 1), off(0.2, 2)];
    const { variance, ...rest } = differenceErrors(card(residuals)).get('t')!;
    expect(rest).toEqual({ degrees: 2, pairs: 3, from: 'task' });
    expect(variance).toBeCloseTo((0.1 ** 2 + 0.2 ** 2 + 0.1 ** 2) / 3, 12);
  });

  test('residuals at horizon 0 are neighbours where there are several checkpoints', () => {
    const residuals = [off(0, 0), off(0.1, 0), off(0.3, 0), off(0.5, 0), off(0, 1)];
    const { variance, ...rest } = differenceErrors(card(residuals)).get('t')!;
    expect(rest).toEqual({ degrees: 4, pairs: 4, from: 'task' });
    expect(variance).toBeCloseTo((0.1 ** 2 + 0.2 ** 2 + 0.2 ** 2 + 0.5 ** 2) / 4, 12);
  });

  test('tasks with few pairs take those of all tasks', () => {
    const own = [off(0.1, 1, 'a'), off(0.1, 2, 'a'), off(0.1, 3, 'a'), off(0.1, 4, 'a')];
    const errors = differenceErrors(card([...own, off(0.2, 1, 'b'), off(0.4, 2, 'b')]));
    expect(errors.get('a')).toEqual({ variance: 0, degrees: 3, pairs: 3, from: 'task' });
    const { variance, ...rest } = errors.get('b')!;
    expect(rest).toEqual({ degrees: 3, pairs: 4, from: 'tasks' });
    expect(variance).toBeCloseTo(0.2 ** 2 / 4, 12);
  });

  test('one fitted checkpoint has no pairs: two independent errors', () => {
    const errors = differenceErrors(card([off(0.1, 0), off(-0.1, 0), off(0.1, 0)], 1));
    const { variance, ...rest } = errors.get('t')!;
    expect(rest).toEqual({ degrees: 3, pairs: 0, from: 'single' });
    expect(variance).toBeCloseTo(2 * 0.1 ** 2, 12);
  });

  test('a card without residuals is refused', () => {
    expect(() => differenceErrors(card([]))).toThrow(
      '--probe: expected a probe whose errors were measured when it was fitted, `p` has none; fit it on more checkpoints or questions',
    );
  });
});
