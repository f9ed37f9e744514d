import { clusteredMean } from './clustered-mean.ts';
import { mcNemarP } from './mcnemar.ts';
import { signFlipP } from './sign-flip.ts';
import { type Spread, standardErrorOf, studentSpread, twoSided } from './student-spread.ts';

/** k right of n > 0 answers, a question each. */
export type Counts = { readonly k: Float64Array; readonly n: Float64Array };

export type PairedInput = {
  /** The two checkpoints on the same questions, in the same order. */
  readonly a: Counts;
  readonly b: Counts;
  /** Group of each question, below 0 where it has none; null where no question has one. */
  readonly group: Int32Array | null;
  /** Of the interval, for example 0.95. */
  readonly level: number;
};

export type PairedComparison = Spread & {
  readonly items: number;
  /** Independent units: groups, and questions without one. */
  readonly units: number;
  /** Mean rates, and b less a. */
  readonly a: number;
  readonly b: number;
  readonly difference: number;
  /** Two-sided, for no difference. */
  readonly p: number;
  readonly test: 'mcnemar' | 'sign-flip' | 't' | 'welch';
};

/** Below so many units the p-value is exact. */
const EXACT_BELOW = 12;

/**
 * Mean difference of two checkpoints over the questions both have, as a sample of the questions that might have been
 * asked. The standard error is that of the observed differences over questions, or over groups of them, so the sampling
 * noise of the answers is in it; the interval is Student's t with units − 1 degrees of freedom. p is the exact McNemar
 * test's where every question has one answer, right or wrong, at both, and no group; else the exact sign-flip test's below
 * 12 units, and the t test's from there on. (The exact ones can disagree with the interval: they assume less.) The minimal
 * detectable effect is (t₁₋α/₂ + t_power) · SE for α = 0.05 and power 0.8 (Bloom 1995). Questions whose differences are
 * all alike do not prove that the next one will be: there the squares are those of half an answer more and half one less.
 */
export function pairedComparison({ a, b, group, level }: PairedInput): PairedComparison {
  checkCounts(a, b);
  const [left, right] = [ratesOf(a), ratesOf(b)];
  const differences = right.map((rate, i) => rate - left[i]!);
  const over = clusteredMean(differences, group);
  const { mean: difference, units } = over;
  const items = differences.length;
  const degrees = units - 1;
  const standardError = standardErrorOf(over, finestStep(a, b) / items);
  const t = standardError === null ? 0 : difference / standardError;
  return {
    items,
    units,
    a: meanOf(left),
    b: meanOf(right),
    difference,
    ...studentSpread(difference, { standardError, degrees, level }),
    ...testOf(differences, { sums: over.sums, t, isSingle: isSingle(a) && isSingle(b) }),
  };
}

function testOf(
  differences: Float64Array,
  of: { readonly sums: Float64Array; readonly t: number; readonly isSingle: boolean },
): Pick<PairedComparison, 'p' | 'test'> {
  const units = of.sums.length;
  if (of.isSingle && units === differences.length) {
    const lost = differences.filter((difference) => difference < 0).length;
    const won = differences.filter((difference) => difference > 0).length;
    return { p: mcNemarP(lost, won), test: 'mcnemar' };
  }
  if (units < EXACT_BELOW) return { p: signFlipP(of.sums), test: 'sign-flip' };
  return { p: twoSided(of.t, units - 1), test: 't' };
}

/** One answer a question, right or wrong. */
function isSingle({ k, n }: Counts): boolean {
  return n.every((count) => count === 1) && k.every((right) => right === 0 || right === 1);
}

export type PredictedInput = {
  /** Predicted probabilities of the two checkpoints on the same questions. */
  readonly a: Float64Array;
  readonly b: Float64Array;
  /**
   * Variance, in accuracy squared, of the measured less the predicted mean difference over earlier pairs of checkpoints
   * on this task: what the probe is off by on all questions at once does not average out over them.
   */
  readonly errorVariance: number;
  /** Degrees of freedom of that variance (earlier pairs less one). @default Infinity */
  readonly errorDegrees?: number;
  readonly group: Int32Array | null;
  readonly level: number;
};

/**
 * As `pairedComparison`, from predictions. The variance is that of the predicted differences over questions plus
 * `errorVariance`; the degrees of freedom are Welch–Satterthwaite's; p is the t test's at any size, since the probe's
 * error is shared and flipping signs question by question would leave it out.
 */
export function predictedComparison(input: PredictedInput): PairedComparison {
  const { a, b, group, level, errorVariance, errorDegrees = Infinity } = input;
  if (a.length !== b.length) throw lengthsDiffer('predictedComparison', a.length, b.length);
  if (!(errorVariance >= 0) || !(errorDegrees > 0)) {
    throw new RangeError(
      `predictedComparison: expected \`errorVariance\` from 0 and \`errorDegrees\` above 0, got ${errorVariance} and ${errorDegrees}`,
    );
  }
  const over = clusteredMean(
    b.map((value, i) => value - a[i]!),
    group,
  );
  const { mean: difference, units, variance } = over;
  const total = variance === null ? null : variance + errorVariance;
  const degrees =
    total === null || total === 0
      ? Math.max(1, units - 1)
      : total ** 2 / (variance! ** 2 / (units - 1) + errorVariance ** 2 / errorDegrees);
  const standardError = total === null ? null : Math.sqrt(total);
  const t = standardError === null || standardError === 0 ? 0 : difference / standardError;
  return {
    items: a.length,
    units,
    a: meanOf(a),
    b: meanOf(b),
    difference,
    ...studentSpread(difference, { standardError, degrees, level }),
    p: standardError === 0 && difference !== 0 ? 0 : twoSided(t, degrees),
    test: 't',
  };
}

/** What one answer moves a question's difference by, mean over questions. */
function finestStep(a: Counts, b: Counts): number {
  let sum = 0;
  for (let i = 0; i < a.n.length; i += 1) sum += 1 / Math.min(a.n[i]!, b.n[i]!);
  return sum / a.n.length;
}

function ratesOf({ k, n }: Counts): Float64Array {
  return k.map((right, i) => right / n[i]!);
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function checkCounts(a: Counts, b: Counts): void {
  for (const { k, n } of [a, b]) {
    if (k.length !== n.length) throw lengthsDiffer('pairedComparison', k.length, n.length);
    const wrong = n.findIndex((count, i) => !(count > 0) || !Number.isFinite(k[i]!));
    if (wrong >= 0) {
      throw new RangeError(
        `pairedComparison: expected a count above 0 and a finite \`k\`, got ${k[wrong]} of ${n[wrong]} at ${wrong}`,
      );
    }
  }
  if (a.n.length !== b.n.length) throw lengthsDiffer('pairedComparison', a.n.length, b.n.length);
}

function lengthsDiffer(who: string, a: number, b: number): RangeError {
  return new RangeError(`${who}: expected lists of equal length, got ${a} and ${b}`);
}
