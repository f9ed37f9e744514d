/**
 * How questions differ in difficulty: right answers c of n are binomial in a rate that is drawn, question by question,
 * from Beta(α, β). The two are fitted by maximum likelihood (empirical Bayes) with damped Newton steps in logit(α / (α + β))
 * and ln(α + β).
 */
import { digamma, logGamma, trigamma } from '../stats/index.ts';

export type BetaPrior = { readonly alpha: number; readonly beta: number };

/** `questions` of them have `right` right of `answers` answers. */
export type AnswerCounts = {
  readonly right: number;
  readonly answers: number;
  readonly questions: number;
};

/**
 * Bounds of α + β. Above the upper one the prior is a point for any number of answers that is sampled, below the lower
 * one it leaves every rate as it is: the likelihood rises towards them without end where questions differ less than chance
 * has it, or have all their answers alike.
 */
const CONCENTRATION = { least: 1e-3, most: 1e6 } as const;
const FARTHEST_LOGIT = 30;
const MOST_STEPS = 200;

/**
 * Null where nothing tells the spread: no question with two answers, or all answers right, or all wrong (then the mean
 * runs away).
 */
export function fitBetaPrior(
  counts: readonly AnswerCounts[],
  start: BetaPrior | null = null,
): BetaPrior | null {
  checkCounts(counts);
  const right = total(counts, (one) => one.right);
  const answers = total(counts, (one) => one.answers);
  const isKnown = right > 0 && right < answers && counts.some((one) => one.answers > 1);
  if (!isKnown) return null;
  let at = climbFrom(counts, start === null ? startOf(counts, right / answers) : pointOf(start));
  let damping = 1e-3;
  for (let step = 0; step < MOST_STEPS && damping < 1e12; step += 1) {
    const next = stepFrom(at, damping);
    const trial = next === null ? null : climbFrom(counts, next);
    if (trial === null || !(trial.value >= at.value)) {
      damping *= 10;
      continue;
    }
    const moved = Math.max(Math.abs(trial.mean - at.mean), Math.abs(trial.size - at.size));
    at = trial;
    damping = Math.max(1e-12, damping / 10);
    if (moved < 1e-11) break;
  }
  return priorOf(at);
}

function checkCounts(counts: readonly AnswerCounts[]): void {
  for (const { right, answers } of counts) {
    if (right >= 0 && right <= answers && answers > 0 && answers < Infinity) continue;
    throw new RangeError(
      `fitBetaPrior: expected 0 to n right of n > 0, got ${right} of ${answers}`,
    );
  }
}

/** Logit of the prior's mean, and ln(α + β). */
type Point = { readonly mean: number; readonly size: number };

type Slope = Point & {
  /** Log likelihood, up to what does not depend on the prior. */
  readonly value: number;
  readonly gradient: readonly [number, number];
  /** Second derivatives: mean, mixed, size. */
  readonly hessian: readonly [number, number, number];
};

function priorOf({ mean, size }: Point): BetaPrior {
  const concentration = Math.exp(size);
  return {
    alpha: concentration / (1 + Math.exp(-mean)),
    beta: concentration / (1 + Math.exp(mean)),
  };
}

function pointOf({ alpha, beta }: BetaPrior): Point {
  return { mean: Math.log(alpha / beta), size: Math.log(alpha + beta) };
}

/** By moments: what the rates vary beyond binomial noise. */
function startOf(counts: readonly AnswerCounts[], rate: number): Point {
  const several = counts.filter(({ answers }) => answers > 1);
  const squares = total(several, ({ right, answers }) => (right / answers - rate) ** 2);
  const noise = total(several, ({ answers }) => (rate * (1 - rate)) / answers);
  const questions = total(several, () => 1);
  const beyond = Math.max(0, (squares - noise) / questions) / (rate * (1 - rate));
  const concentration = Math.min(1e3, Math.max(0.1, 1 / Math.max(beyond, 1e-6) - 1));
  return { mean: Math.log(rate / (1 - rate)), size: Math.log(concentration) };
}

function climbFrom(counts: readonly AnswerCounts[], point: Point): Slope {
  const { alpha, beta } = priorOf(point);
  const size = alpha + beta;
  const [atAlpha, atBeta, atSize] = [gammaAt(alpha), gammaAt(beta), gammaAt(size)];
  let [value, a, b, aa, ab, bb] = [0, 0, 0, 0, 0, 0];
  for (const { right, answers, questions } of counts) {
    const onRight = gammaAt(alpha + right);
    const onWrong = gammaAt(beta + answers - right);
    const onAll = gammaAt(size + answers);
    const all = (order: 0 | 1 | 2): number => onAll[order] - atSize[order];
    const first = (order: 0 | 1 | 2): number => onRight[order] - atAlpha[order] - all(order);
    const second = (order: 0 | 1 | 2): number => onWrong[order] - atBeta[order] - all(order);
    value += questions * (onRight[0] - atAlpha[0] + onWrong[0] - atBeta[0] - all(0));
    a += questions * first(1);
    b += questions * second(1);
    aa += questions * first(2);
    bb += questions * second(2);
    ab -= questions * all(2);
  }
  const q = (alpha * beta) / size;
  const alongSize = alpha * a + beta * b;
  return {
    ...point,
    value,
    gradient: [q * (a - b), alongSize],
    hessian: [
      q * q * (aa - 2 * ab + bb) + q * ((beta - alpha) / size) * (a - b),
      q * (alpha * (aa - ab) + beta * (ab - bb)) + q * (a - b),
      alpha * alpha * aa + 2 * alpha * beta * ab + beta * beta * bb + alongSize,
    ],
  };
}

function gammaAt(x: number): readonly [number, number, number] {
  return [logGamma(x), digamma(x), trigamma(x)];
}

/** A damped Newton step upwards, inside the bounds; null where the curvature is not that of a summit yet. */
function stepFrom({ mean, size, gradient, hessian }: Slope, damping: number): Point | null {
  const [toMean, toSize] = gradient;
  const [least, most] = [Math.log(CONCENTRATION.least), Math.log(CONCENTRATION.most)];
  const isHeld = (size >= most && toSize > 0) || (size <= least && toSize < 0);
  const scale = Math.abs(hessian[0]) + Math.abs(hessian[2]);
  const first = damping * scale - hessian[0];
  const second = damping * scale - hessian[2];
  const mixed = isHeld ? 0 : -hessian[1];
  const determinant = first * second - mixed * mixed;
  if (!(first > 0) || (!isHeld && !(determinant > 0))) return null;
  const byMean = isHeld ? toMean / first : (second * toMean - mixed * toSize) / determinant;
  const bySize = isHeld ? 0 : (first * toSize - mixed * toMean) / determinant;
  return {
    mean: clamp(mean + clamp(byMean, -2, 2), -FARTHEST_LOGIT, FARTHEST_LOGIT),
    size: clamp(size + clamp(bySize, -2, 2), least, most),
  };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

function total(counts: readonly AnswerCounts[], of: (one: AnswerCounts) => number): number {
  return counts.reduce((sum, one) => sum + one.questions * of(one), 0);
}
