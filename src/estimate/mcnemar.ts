import { incompleteBeta } from '../stats/index.ts';

/**
 * Two-sided p of McNemar's exact test: questions that only one of two got right fall to either with probability ½ where
 * neither is better. Twice the smaller binomial tail, at most 1.
 */
export function mcNemarP(onlyFirst: number, onlySecond: number): number {
  for (const count of [onlyFirst, onlySecond]) {
    if (Number.isSafeInteger(count) && count >= 0) continue;
    throw new RangeError(`mcNemarP: expected whole counts from 0, got ${count}`);
  }
  const fewer = Math.min(onlyFirst, onlySecond);
  const more = Math.max(onlyFirst, onlySecond);
  if (fewer === more) return 1;
  // P(X ≤ fewer) of Binomial(fewer + more, ½).
  return Math.min(1, 2 * incompleteBeta(more, fewer + 1, 0.5));
}
