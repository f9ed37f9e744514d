/** Chance that at least one of `k` answers is right (Chen et al., "Evaluating large language models trained on code", 2021). */
import { logGamma } from '../stats/index.ts';
import { clusteredMean } from './clustered-mean.ts';

/** Products of more factors are taken as gamma functions. */
const MOST_FACTORS = 10_000;

/**
 * The unbiased estimate 1 − C(n − c, k) / C(n, k) from c right of n answers: the share of all choices of k of them that
 * hold a right one. Null where n < k, or where c or n is no whole number and k > 1: there are no answers to choose from.
 */
export function passAtK({
  right,
  answers,
  k,
}: {
  right: number;
  answers: number;
  k: number;
}): number | null {
  if (!Number.isSafeInteger(k) || k < 1) {
    throw new RangeError(`passAtK: expected a whole \`k\` from 1, got ${k}`);
  }
  if (!(right >= 0 && right <= answers)) {
    throw new RangeError(`passAtK: expected 0 to ${answers} right answers, got ${right}`);
  }
  if (answers < k) return null;
  if (k === 1) return right / answers;
  if (!Number.isSafeInteger(right) || !Number.isSafeInteger(answers)) return null;
  if (answers - right < k) return 1;
  return -Math.expm1(logShareWithout(right, answers, k));
}

/** ln(C(n − c, k) / C(n, k)), which does not change when c and k change places. */
function logShareWithout(right: number, answers: number, k: number): number {
  const factors = Math.min(right, k);
  const other = Math.max(right, k);
  if (factors > MOST_FACTORS) {
    const logOf = (n: number): number => logGamma(n + 1);
    return (
      logOf(answers - right) + logOf(answers - k) - logOf(answers) - logOf(answers - right - k)
    );
  }
  let sum = 0;
  for (let i = 0; i < factors; i += 1) sum += Math.log1p(-other / (answers - i));
  return sum;
}

/** Questions with the same counts that are one unit, or each a unit of its own. */
export type CountedQuestions = {
  readonly right: number;
  readonly answers: number;
  /** How many there are. */
  readonly questions: number;
  /** Group, the same for all of them; below 0: they have none. */
  readonly group: number;
};

export type MeanPassAtK = {
  /** Questions with at least k answers. */
  readonly questions: number;
  /** The others: their pass@k is not known. */
  readonly leftOut: number;
  /** Mean over the questions; null where there is none. */
  readonly mean: number | null;
  /** With groups as clusters; null where there are fewer than two of them. */
  readonly standardError: number | null;
};

/** Mean pass@k of the questions that have k answers. */
export function meanPassAtK(counted: readonly CountedQuestions[], k: number): MeanPassAtK {
  const known: { readonly value: number; readonly of: CountedQuestions }[] = [];
  let leftOut = 0;
  for (const of of counted) {
    const value = passAtK({ ...of, k });
    if (value === null) leftOut += of.questions;
    else known.push({ value, of });
  }
  const { values, group } = spreadOut(known);
  const questions = values.length;
  if (questions === 0) return { questions, leftOut, mean: null, standardError: null };
  const { mean, variance } = clusteredMean(values, group);
  return {
    questions,
    leftOut,
    mean,
    standardError: variance === null ? null : Math.sqrt(variance),
  };
}

/** A value a question. */
export function spreadOut(
  counted: readonly { readonly value: number; readonly of: CountedQuestions }[],
): { readonly values: Float64Array; readonly group: Int32Array } {
  const total = counted.reduce((sum, { of }) => sum + of.questions, 0);
  const values = new Float64Array(total);
  const group = new Int32Array(total);
  let at = 0;
  for (const { value, of } of counted) {
    values.fill(value, at, at + of.questions);
    group.fill(of.group, at, at + of.questions);
    at += of.questions;
  }
  return { values, group };
}
