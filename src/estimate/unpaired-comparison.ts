import { clusteredMean } from './clustered-mean.ts';
import type { Counts, PairedComparison } from './paired-comparison.ts';
import { standardErrorOf, studentSpread, twoSided } from './student-spread.ts';

/** A mean accuracy, measured apart from the one that it is compared with. */
export type AccuracySample = {
  readonly mean: number;
  /** Null where there are fewer than two units: one says nothing of the spread. */
  readonly standardError: number | null;
  /** Independent units: groups, and questions without one; answers where no questions are told apart. */
  readonly units: number;
};

/** Of questions with k right of n > 0 answers; `group` as in `pairedComparison`. */
export function questionsSample({ k, n }: Counts, group: Int32Array | null): AccuracySample {
  const over = clusteredMean(
    k.map((right, i) => right / n[i]!),
    group,
  );
  const step = n.reduce((sum, count) => sum + 1 / count, 0) / n.length ** 2;
  return { mean: over.mean, standardError: standardErrorOf(over, step), units: over.units };
}

/** Of k right of n answers to questions that are not told apart: each answer counts as a question of its own. */
export function answersSample(k: number, n: number): AccuracySample {
  if (!(n > 0)) throw new RangeError(`answersSample: expected \`n\` above 0, got ${n}`);
  const mean = k / n;
  const variance = n < 2 ? null : (mean * (1 - mean)) / (n - 1);
  return { mean, standardError: standardErrorOf({ variance, units: n }, 1 / n), units: n };
}

/**
 * Difference of two means that share no questions, or are not known to: Welch's t test, with the degrees of freedom of
 * Welch and Satterthwaite. Less is seen than from pairs: how hard the questions are does not cancel out.
 */
export function unpairedComparison({
  a,
  b,
  level,
}: {
  readonly a: AccuracySample;
  readonly b: AccuracySample;
  readonly level: number;
}): Omit<PairedComparison, 'items'> {
  const difference = b.mean - a.mean;
  const units = Math.min(a.units, b.units);
  const about = { units, a: a.mean, b: b.mean, difference, test: 'welch' as const };
  if (a.standardError === null || b.standardError === null) {
    const spread = studentSpread(difference, { standardError: null, degrees: 1, level });
    return { ...about, ...spread, p: 1 };
  }
  const [left, right] = [a.standardError ** 2, b.standardError ** 2];
  const standardError = Math.sqrt(left + right);
  const degrees = (left + right) ** 2 / (left ** 2 / (a.units - 1) + right ** 2 / (b.units - 1));
  const spread = studentSpread(difference, { standardError, degrees, level });
  return { ...about, ...spread, p: twoSided(difference / standardError, degrees) };
}
