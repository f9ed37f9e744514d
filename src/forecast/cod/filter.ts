/** Which clusters are extrapolated: the paper's rule, and one that does not depend on the unit of compute. */
import type { LawFit } from '../laws/index.ts';

export type FilterRule = 'paper' | 'unit-free';

export type FilterInput = {
  readonly fit: LawFit;
  /** Law at the smallest and the largest ladder model, at the target, and without bound. */
  readonly first: number;
  readonly last: number;
  readonly target: number;
  readonly asymptote: number;
  /** Standard error of the law's rise over the ladder. */
  readonly riseError: number;
  /** Root mean square of the residuals. */
  readonly rmse: number;
  /** Measured rate at the largest model. */
  readonly measured: number;
  readonly chance: number;
};

export type FilterDecision = {
  readonly state: 'extrapolated' | 'saturated' | 'dropped';
  /** In words and numbers. */
  readonly reason: string;
};

/** From this rate on there is nothing left to forecast. */
const saturated = 0.95;

/** What becomes of a cluster by a rule; one that is solved already is neither extrapolated nor dropped. */
export function filterCluster(rule: FilterRule, input: FilterInput): FilterDecision {
  const { measured } = input;
  if (measured >= saturated) {
    return { state: 'saturated', reason: `solved: ${percent(measured)} at the largest model` };
  }
  return rule === 'paper' ? paperRule(input) : unitFreeRule(input);
}

/**
 * The paper's thresholds on y = g + (1 − g) exp(−a x^−b − c): a > 1, b > 0.1, 0 ≤ c < 1. They depend on the unit of
 * compute; here x is the compute over the smallest ladder model's.
 */
function paperRule({ fit: { parameters, converged, reason } }: FilterInput): FilterDecision {
  const { a, b, c } = parameters;
  if (!converged) return dropped(reason ?? 'the law did not converge');
  if (!(a > 1)) return dropped(`a = ${a.toFixed(2)} is not above 1: no growth`);
  if (!(b > 0.1)) return dropped(`b = ${b.toFixed(2)} is not above 0.1: no growth`);
  if (!(c < 1)) return dropped(`c = ${c.toFixed(2)} is not below 1: a low ceiling`);
  return { state: 'extrapolated', reason: 'a > 1, b > 0.1, c < 1' };
}

/** Thresholds of the unit-free rule, from public ladders (cod.md, lesson 4, and docs/forecasting.md). */
const unitFree = {
  /** Rise of the law over the ladder. */
  rise: 0.05,
  /** One-sided 95 %. */
  riseQuantile: 1.645,
  asymptote: 0.3,
  asymptoteAboveChance: 0.1,
  rmse: 0.08,
  /** A law that leaps further than this beyond the ladder extrapolates nothing that was seen. */
  jump: 0.35,
} as const;

/**
 * Expected rise over the ladder with the lower bound of its 95 % interval above zero, a ceiling well above chance, a law
 * that fits, and no leap beyond the ladder.
 */
function unitFreeRule(input: FilterInput): FilterDecision {
  const { fit, first, last, target, asymptote, riseError, rmse, chance } = input;
  if (!fit.converged) return dropped(fit.reason ?? 'the law did not converge');
  const rise = last - first;
  if (rise < unitFree.rise) return dropped(`rises by ${percent(rise)} over the ladder`);
  if (rise - unitFree.riseQuantile * riseError <= 0) {
    return dropped(`its rise of ${percent(rise)} is within its error`);
  }
  const ceiling = Math.max(unitFree.asymptote, chance + unitFree.asymptoteAboveChance);
  if (asymptote < ceiling) return dropped(`converges to ${percent(asymptote)}, too low`);
  if (rmse > unitFree.rmse) return dropped(`the law misses its points by ${percent(rmse)}`);
  if (target - last > unitFree.jump) return dropped(`a leap of ${percent(target - last)}`);
  return { state: 'extrapolated', reason: `rises by ${percent(rise)}, to ${percent(asymptote)}` };
}

function dropped(reason: string): FilterDecision {
  return { state: 'dropped', reason };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} points`;
}
