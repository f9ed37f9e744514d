import { type Points, rowCount, squaredDistance } from './points.ts';

export type NearestOptions = {
  /** (clusters, dimensions). */
  readonly centres: Float64Array;
  /** Largest distance that counts. */
  readonly reach: number;
  /** Per row a guess (−1: none), such as the labels before the centres moved: changes the time, not the result. */
  readonly guesses?: Int32Array | null;
};

/** Up to this many centres their mutual distances are kept in order (2 MB). */
const MOST_ORDERED = 512;

/** Per row, the nearest of the centres within reach, the first of equally near ones; −1 where there is none. */
export function nearestCentres(points: Points, options: NearestOptions): Int32Array {
  const { centres, reach, guesses } = options;
  const { values, dimensions } = points;
  const labels = new Int32Array(rowCount(points)).fill(-1);
  const count = centres.length / dimensions;
  if (count === 0) return labels;
  const order = orderFromEach(centres, dimensions);
  const limit = reach * reach;
  let guess = 0;
  for (let row = 0; row < labels.length; row += 1) {
    const base = row * dimensions;
    // Merged rows come sorted, so the row before is a fair guess where there is none.
    const given = guesses?.[row] ?? -1;
    if (given >= 0) guess = given;
    let best = guess;
    const point = { values, start: base };
    let least = squaredDistance(centres, guess * dimensions, point, dimensions);
    const bound = least * 4.000001;
    for (let at = guess * count; at < (guess + 1) * count; at += 1) {
      // By the triangle inequality no centre farther than twice the distance from the guess is nearer than the guess.
      if (order !== null && order.squares[at]! > bound) break;
      const centre = order === null ? at - guess * count : order.centres[at]!;
      let square = 0;
      for (let j = 0; j < dimensions; j += 1) {
        const difference = centres[centre * dimensions + j]! - values[base + j]!;
        square += difference * difference;
      }
      if (square < least || (square === least && centre < best)) {
        best = centre;
        least = square;
      }
    }
    guess = best;
    if (least <= limit) labels[row] = best;
  }
  return labels;
}

/** From each centre all centres by distance, with the squared distances: two (clusters, clusters) arrays. */
function orderFromEach(
  centres: Float64Array,
  dimensions: number,
): { readonly centres: Int32Array; readonly squares: Float64Array } | null {
  const count = centres.length / dimensions;
  if (count > MOST_ORDERED) return null;
  const order = {
    centres: new Int32Array(count * count),
    squares: new Float64Array(count * count),
  };
  for (let from = 0; from < count; from += 1) {
    const start = { values: centres, start: from * dimensions };
    const squares = Float64Array.from({ length: count }, (_, to) =>
      squaredDistance(centres, to * dimensions, start, dimensions),
    );
    const nearest = Int32Array.from(squares.keys()).sort((a, b) => squares[a]! - squares[b]!);
    order.centres.set(nearest, from * count);
    nearest.forEach((to, at) => (order.squares[from * count + at] = squares[to]!));
  }
  return order;
}

/** The same for one row, among the centres that are not closed. */
export function nearestOpenCentre(
  { values, dimensions }: Points,
  row: number,
  options: NearestOptions & { readonly isClosed: Uint8Array },
): number {
  const { centres, reach, isClosed } = options;
  const point = { values, start: row * dimensions };
  let best = -1;
  let least = reach * reach;
  isClosed.forEach((closed, centre) => {
    if (closed === 1) return;
    const square = squaredDistance(centres, centre * dimensions, point, dimensions);
    if (square > least || (square === least && best >= 0)) return;
    best = centre;
    least = square;
  });
  return best;
}
