import type { FitOptions, Forecaster } from './forecaster.ts';
import { type Ladder, subLadder } from './ladder.ts';

/** A model of the ladder forecast from the smaller ones. */
export type BackTestPoint = {
  readonly checkpoint: string;
  /** Forecast less measured, in accuracy. */
  readonly error: number;
  /** Compute of the model over that of the largest it was forecast from. */
  readonly extrapolation: number;
};

/** Fewer models than this and a back-test says nothing. */
const fewestModels = 3;

/**
 * Forecasts each of the `rounds` largest models from the models with less compute, the largest first. Models whose
 * smaller ones are too few are left out; the result may be empty.
 */
export function backTest(
  forecaster: Forecaster,
  ladder: Ladder,
  { rounds = 3, ...options }: FitOptions & { readonly rounds?: number } = {},
): BackTestPoint[] {
  const points: BackTestPoint[] = [];
  const { models } = ladder;
  const fewest = Math.max(fewestModels, forecaster.minModels);
  for (let index = models.length - 1; index >= 0 && points.length < rounds; index -= 1) {
    const target = models[index]!;
    const smaller = models.flatMap(({ flops }, at) => (flops < target.flops ? [at] : []));
    if (smaller.length < fewest) break;
    const part = subLadder(ladder, smaller);
    if (forecaster.missing?.(part, target) != null) break;
    const largest = part.models.at(-1)!;
    points.push({
      checkpoint: target.checkpoint,
      error: forecaster.fit(part, options).predict(target) - ladder.accuracy[index]!,
      extrapolation: target.flops / largest.flops,
    });
  }
  return points;
}

/** Root mean square of the errors; null without any. */
export function backTestError(points: readonly BackTestPoint[]): number | null {
  if (points.length === 0) return null;
  return Math.sqrt(points.reduce((sum, { error }) => sum + error ** 2, 0) / points.length);
}
