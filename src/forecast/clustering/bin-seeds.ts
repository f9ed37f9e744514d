import { rowCount, type WeightedPoints } from './points.ts';

/**
 * Starting points of mean shift as scikit-learn's `get_bin_seeds` makes them: the corners of a grid of width `binSize`
 * that are nearest to at least `minBinFrequency` items, computed in single precision; the points themselves where the
 * grid gives one seed an item. (seeds, dimensions), in the order of first appearance.
 */
export function binSeeds(
  points: WeightedPoints,
  binSize: number,
  minBinFrequency: number,
): Float64Array {
  const { values, dimensions, weights } = points;
  const frequencies = new Map<string, number>();
  let items = 0;
  for (let row = 0; row < rowCount(points); row += 1) {
    const weight = weights[row]!;
    items += weight;
    const start = row * dimensions;
    const bin = values.subarray(start, start + dimensions).map((x) => roundHalfEven(x / binSize));
    const key = bin.join();
    frequencies.set(key, (frequencies.get(key) ?? 0) + weight);
  }
  const kept = [...frequencies].filter(([, frequency]) => frequency >= minBinFrequency);
  if (kept.length === items) return values;
  const width = Math.fround(binSize);
  return Float64Array.from(
    kept.flatMap(([key]) => key.split(',').map((bin) => Math.fround(Math.fround(+bin) * width))),
  );
}

/** numpy's `round`: halves go to the even neighbour. */
function roundHalfEven(x: number): number {
  const down = Math.floor(x);
  const rest = x - down;
  if (rest !== 0.5) return rest < 0.5 ? down : down + 1;
  return down % 2 === 0 ? down : down + 1;
}
