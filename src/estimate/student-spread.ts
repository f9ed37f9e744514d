/** Interval, smallest detectable effect and p-value of a difference, by Student's t. */
import { studentCdf, studentQuantile } from '../stats/index.ts';
import type { ClusteredMean } from './clustered-mean.ts';

const ALPHA = 0.05;
const POWER = 0.8;

/** Null where there are fewer than two units: one says nothing of the spread. */
export type Spread = {
  readonly standardError: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** The true difference that would be found in 8 of 10 such comparisons. */
  readonly minimalDetectableEffect: number | null;
};

export function studentSpread(
  difference: number,
  of: {
    readonly standardError: number | null;
    readonly degrees: number;
    readonly level: number;
  },
): Spread {
  const { standardError, degrees, level } = of;
  if (!(level > 0 && level < 1)) {
    throw new RangeError(`pairedComparison: expected \`level\` between 0 and 1, got ${level}`);
  }
  if (standardError === null) {
    return { standardError: null, low: null, high: null, minimalDetectableEffect: null };
  }
  const half = studentQuantile((1 + level) / 2, degrees) * standardError;
  const found = studentQuantile(1 - ALPHA / 2, degrees) + studentQuantile(POWER, degrees);
  return {
    standardError,
    low: difference - half,
    high: difference + half,
    minimalDetectableEffect: found * standardError,
  };
}

/** Of a mean over units; never less than what `step`, one answer's share of the mean, would give: equal is not certain. */
export function standardErrorOf(
  { variance, units }: Pick<ClusteredMean, 'variance' | 'units'>,
  step: number,
): number | null {
  if (variance === null) return null;
  // Rounding leaves about 1e-17 where the differences are equal.
  const floor = (units / (units - 1)) * step ** 2;
  return Math.sqrt(variance > 1e-12 * floor ? variance : floor);
}

/** Two-sided p of Student's t. */
export function twoSided(t: number, degrees: number): number {
  return degrees > 0 ? Math.min(1, 2 * studentCdf(-Math.abs(t), degrees)) : 1;
}
