import { randomStream } from '../../stats/index.ts';
import { rowCount, squaredDistance, type WeightedPoints } from './points.ts';

/**
 * Initial centres by k-means++ (Arthur and Vassilvitskii 2007): rows drawn with probability proportional to weight ×
 * squared distance to the nearest centre so far, the best of 2 + ⌊ln k⌋ draws each time, as scikit-learn does. At most one
 * centre a distinct row: (centres, dimensions).
 */
export function kMeansPlusPlus(
  points: WeightedPoints,
  clusters: number,
  seed: number,
): Float64Array {
  const { values, dimensions, weights } = points;
  const stream = randomStream('k-means++', seed);
  const count = Math.min(clusters, rowCount(points));
  const trials = 2 + Math.floor(Math.log(count));
  const centres = new Float64Array(count * dimensions);
  let nearest = new Float64Array(rowCount(points)).fill(Infinity);
  for (let centre = 0; centre < count; centre += 1) {
    const chances = centre === 0 ? weights : weights.map((weight, row) => weight * nearest[row]!);
    let best = { row: -1, cost: Infinity, squares: nearest };
    for (let trial = 0; trial < (centre === 0 ? 1 : trials); trial += 1) {
      const row = draw(chances, stream.uniform());
      const squares = nearestWith(points, nearest, row);
      const cost = squares.reduce((sum, square, at) => sum + square * weights[at]!, 0);
      if (cost < best.cost) best = { row, cost, squares };
    }
    nearest = best.squares;
    centres.set(
      values.subarray(best.row * dimensions, (best.row + 1) * dimensions),
      centre * dimensions,
    );
  }
  return centres;
}

/** Row drawn in proportion to its chance; `uniform` in [0, 1). */
function draw(chances: Float64Array, uniform: number): number {
  let rest = uniform * chances.reduce((sum, chance) => sum + chance, 0);
  let last = 0;
  for (let row = 0; row < chances.length; row += 1) {
    if (chances[row]! === 0) continue;
    last = row;
    rest -= chances[row]!;
    if (rest < 0) break;
  }
  return last;
}

/** Squared distances to the nearest centre once `row` is one too. */
function nearestWith(
  { values, dimensions }: WeightedPoints,
  nearest: Float64Array,
  row: number,
): Float64Array<ArrayBuffer> {
  const centre = { values, start: row * dimensions };
  return Float64Array.from(nearest, (square, at) =>
    Math.min(square, squaredDistance(values, at * dimensions, centre, dimensions)),
  );
}
