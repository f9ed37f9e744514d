import { describe, expect, it } from 'vitest';
import type { Forecaster } from '../forecaster.ts';
import type { Ladder, LadderModel } from '../ladder.ts';
import { syntheticLadder } from '../testing/synthetic-ladder.ts';
import { lossIntermediate } from './loss-intermediate.ts';
import { taskLadder } from './task-ladder.ts';

const full = syntheticLadder();
const largest = full.models.at(-1)!;

const withModels = (change: (model: LadderModel) => Partial<LadderModel>): Ladder => ({
  ...full,
  models: full.models.map((model) => ({ ...model, ...change(model) })),
});
const sameTokens = withModels(() => ({ tokens: 300e9 }));
const sameParams = withModels(() => ({ params: 1e9 }));
const withLosses = (loss: readonly number[]): Ladder => ({
  ...full,
  loss: Float64Array.from(loss),
});
const reason = ({ missing }: Forecaster, ladder: Ladder) => missing?.(ladder, largest);

describe('task-ladder', () => {
  it.each([
    [
      'tokens',
      sameTokens,
      { flops: 16 * largest.flops, params: 16 * largest.params!, tokens: 300e9 },
    ],
    [
      'parameters',
      sameParams,
      { flops: 16 * largest.flops, params: 1e9, tokens: 16 * largest.tokens! },
    ],
  ])('on a ladder of constant %s forecasts above the largest model', (_, ladder, target) => {
    expect(taskLadder.missing!(ladder, target)).toBeNull();
    const { predict } = taskLadder.fit(ladder);
    const forecast = predict(target);
    expect(forecast).toBeGreaterThan(predict(ladder.models.at(-1)!) + 0.05);
    expect(forecast).toBeGreaterThan(ladder.accuracy.at(-1)!);
  });

  it('says what it lacks where models differ in neither', () => {
    const ladder = withModels(() => ({ params: 1e9, tokens: 300e9 }));
    expect(reason(taskLadder, ladder)).toBe(
      'needs ladder models that differ in parameters or tokens',
    );
  });
});

describe('loss-intermediate', () => {
  it('says what it lacks where the compute is the same', () => {
    const ladder = withModels(() => ({ flops: 1e20 }));
    expect(reason(lossIntermediate, ladder)).toBe('needs ladder models that differ in compute');
  });
});

describe.each([taskLadder, lossIntermediate].map((method) => [method.name, method] as const))(
  '%s',
  (_, method) => {
    it('needs losses, and losses that differ', () => {
      expect(reason(method, full)).toBeNull();
      expect(reason(method, { ...full, loss: null })).toBe(
        'needs the task’s loss at every ladder model, in one unit',
      );
      expect(reason(method, withLosses(full.models.map(() => 1.5)))).toBe(
        'needs losses that differ between the models',
      );
    });
  },
);
