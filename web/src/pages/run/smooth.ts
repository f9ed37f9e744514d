/**
 * A line through noisy points: the mean of the neighbours, weighted by a triangle of `reach` places to both sides.
 * At the ends the window is cut evenly on both sides, so that a rise is not flattened there.
 */
export function smooth(values: readonly number[], reach: number): number[] {
  return values.map((value, at) => {
    const width = Math.min(reach, at, values.length - 1 - at);
    let sum = value * (width + 1);
    let weight = width + 1;
    for (let by = 1; by <= width; by++) {
      const share = width + 1 - by;
      sum += share * ((values[at - by] ?? 0) + (values[at + by] ?? 0));
      weight += 2 * share;
    }
    return sum / weight;
  });
}
