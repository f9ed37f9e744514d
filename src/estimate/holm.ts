/**
 * Holm's adjusted p-values, in the order given: the running maximum over ascending p of (tests left) · p, at most 1.
 * Rejecting where the adjusted one is at most α keeps the chance of any false rejection below α. Throws RangeError for
 * anything that is not from 0 to 1.
 */
export function holm(p: readonly number[]): number[] {
  const wrong = p.find((value) => !(value >= 0 && value <= 1));
  if (wrong !== undefined) throw new RangeError(`holm: expected p from 0 to 1, got ${wrong}`);
  const order = p.map((_, i) => i).sort((i, j) => p[i]! - p[j]!);
  const adjusted = new Array<number>(p.length).fill(1);
  let highest = 0;
  for (const [rank, i] of order.entries()) {
    highest = Math.max(highest, Math.min(1, (p.length - rank) * p[i]!));
    adjusted[i] = highest;
  }
  return adjusted;
}
