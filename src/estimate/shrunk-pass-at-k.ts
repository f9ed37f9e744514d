/** Pass@k where few answers were sampled: questions lend each other strength through a common prior. */
import { betaQuantile, logGamma, randomStream } from '../stats/index.ts';
import { type AnswerCounts, type BetaPrior, fitBetaPrior } from './beta-binomial.ts';
import { type CountedQuestions, spreadOut } from './pass-at-k.ts';

/** Of a question's pass@k, given its answers. */
export type PassAtKPosterior = {
  readonly mean: number;
  /** Equal-tailed interval. */
  readonly low: number;
  readonly high: number;
};

/** Products of more factors are taken as gamma functions. */
const MOST_FACTORS = 1000;

/**
 * Posterior of pass@k = 1 − (1 − p)ᵏ for a question with c right of n answers, p ~ Beta(α + c, β + n − c). Its answers may
 * be fewer than k.
 */
export function posteriorPassAtK(
  { alpha, beta }: BetaPrior,
  { right, answers }: Pick<AnswerCounts, 'right' | 'answers'>,
  { k, level }: { readonly k: number; readonly level: number },
): PassAtKPosterior {
  const [own, other] = [alpha + right, beta + answers - right];
  const at = (tail: number): number => {
    const p = betaQuantile(tail, own, other);
    return -Math.expm1(k * Math.log1p(-p));
  };
  return {
    mean: posteriorMean(own, other, k),
    low: at((1 - level) / 2),
    high: at((1 + level) / 2),
  };
}

/** 1 − E[(1 − p)ᵏ] = 1 − B(α, β + k) / B(α, β). */
function posteriorMean(alpha: number, beta: number, k: number): number {
  if (k > MOST_FACTORS) {
    const size = alpha + beta;
    return -Math.expm1(logGamma(beta + k) - logGamma(beta) - logGamma(size + k) + logGamma(size));
  }
  let sum = 0;
  for (let j = 0; j < k; j += 1) sum += Math.log1p(-alpha / (alpha + beta + j));
  return -Math.expm1(sum);
}

export type ShrunkPassAtK = {
  readonly prior: BetaPrior;
  readonly questions: number;
  /** Mean over all questions of the posterior means. */
  readonly mean: number;
  /**
   * By the jackknife over blocks of groups, the prior fitted anew without each; null where there are fewer than two
   * groups, or a prior cannot be fitted without one of the blocks.
   */
  readonly standardError: number | null;
};

/** Blocks that are left out in turn: more would say the same with less noise. */
const BLOCKS = 50;

/** Null where no prior can be fitted, see `fitBetaPrior`. */
export function shrunkPassAtK(
  counted: readonly CountedQuestions[],
  k: number,
): ShrunkPassAtK | null {
  if (!Number.isSafeInteger(k) || k < 1) {
    throw new RangeError(`shrunkPassAtK: expected a whole \`k\` from 1, got ${k}`);
  }
  const merged = mergeCounts(counted);
  const prior = fitBetaPrior(merged);
  if (prior === null) return null;
  const questions = merged.reduce((sum, one) => sum + one.questions, 0);
  const mean = meanOf(prior, merged, k);
  return { prior, questions, mean, standardError: jackknife(counted, { prior, k, merged }) };
}

function meanOf(prior: BetaPrior, counts: readonly AnswerCounts[], k: number): number {
  let [sum, questions] = [0, 0];
  for (const one of counts) {
    const { alpha, beta } = prior;
    sum += one.questions * posteriorMean(alpha + one.right, beta + one.answers - one.right, k);
    questions += one.questions;
  }
  return sum / questions;
}

/** The prior does not see groups: what has the same counts is one row. */
function mergeCounts(counted: readonly AnswerCounts[]): (AnswerCounts & { questions: number })[] {
  const rows = new Map<string, AnswerCounts & { questions: number }>();
  for (const { right, answers, questions } of counted) {
    const key = `${right}/${answers}`;
    const known = rows.get(key);
    if (known === undefined) rows.set(key, { right, answers, questions });
    else known.questions += questions;
  }
  return [...rows.values()];
}

function jackknife(
  counted: readonly CountedQuestions[],
  { prior, k, merged }: { prior: BetaPrior; k: number; merged: readonly AnswerCounts[] },
): number | null {
  const rowOf = new Map(merged.map(({ right, answers }, row) => [`${right}/${answers}`, row]));
  const { values: rows, group } = spreadOut(
    counted.map((of) => ({ value: rowOf.get(`${of.right}/${of.answers}`) ?? 0, of })),
  );
  const { block, blocks } = blocksOf(group);
  if (blocks < 2) return null;
  const means: number[] = [];
  for (let left = 0; left < blocks; left += 1) {
    const rest = merged.map((one) => ({ ...one }));
    rows.forEach((row, question) => {
      const one = rest[row];
      if (one !== undefined && block[question] === left) one.questions -= 1;
    });
    const kept = rest.filter(({ questions }) => questions > 0);
    const refitted = fitBetaPrior(kept, prior);
    if (refitted === null) return null;
    means.push(meanOf(refitted, kept, k));
  }
  const centre = means.reduce((sum, value) => sum + value, 0) / blocks;
  const squares = means.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(((blocks - 1) / blocks) * squares);
}

/** Groups, and questions without one, spread over the blocks at random: like ones stand beside each other. */
function blocksOf(group: Int32Array): { readonly block: Int32Array; readonly blocks: number } {
  const units = new Map<number, number>();
  let count = 0;
  const unit = group.map((code) => {
    const known = code < 0 ? undefined : units.get(code);
    if (known !== undefined) return known;
    if (code >= 0) units.set(code, count);
    count += 1;
    return count - 1;
  });
  const blocks = Math.min(BLOCKS, count);
  const place = shuffled(count);
  return { block: unit.map((own) => (place[own] ?? 0) % blocks), blocks };
}

function shuffled(count: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  const stream = randomStream('jackknife');
  for (let i = count - 1; i > 0; i -= 1) {
    const j = Math.floor(stream.uniform() * (i + 1));
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
  return order;
}
