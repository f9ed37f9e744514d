/**
 * Benjamini and Hochberg's adjusted p-values, in the order given: the running minimum, from the largest p down, of
 * tests / rank · p. Rejecting where the adjusted one is at most q keeps the expected share of false ones among the
 * rejections below q, for independent or positively dependent tests. Throws RangeError for anything that is not from 0
 * to 1.
 */
export function benjaminiHochberg(p: readonly number[]): number[] {
  const wrong = p.find((value) => !(value >= 0 && value <= 1));
  if (wrong !== undefined) {
    throw new RangeError(`benjaminiHochberg: expected p from 0 to 1, got ${wrong}`);
  }
  const order = p.map((_, i) => i).sort((i, j) => p[j]! - p[i]!);
  const adjusted = new Array<number>(p.length).fill(1);
  let lowest = 1;
  for (const [place, i] of order.entries()) {
    lowest = Math.min(lowest, (p.length / (p.length - place)) * p[i]!);
    adjusted[i] = lowest;
  }
  return adjusted;
}
