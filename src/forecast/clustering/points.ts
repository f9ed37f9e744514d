/** Rows of numbers: items × dimensions, row-major. All distances here are Euclidean, in the unit of these values. */
export type Points = {
  /** (items, dimensions), finite. */
  readonly values: Float64Array;
  readonly dimensions: number;
};

/** Points that stand for `weights[i]` equal items each. */
export type WeightedPoints = Points & {
  /** Per row, above 0. */
  readonly weights: Float64Array;
};

export function rowCount(points: Points): number {
  return points.values.length / points.dimensions;
}

/** Squared distance of two rows, summed in the order of the dimensions (as scikit-learn's trees do, so ties fall alike). */
export function squaredDistance(
  a: Float64Array,
  aStart: number,
  b: { readonly values: Float64Array; readonly start: number },
  dimensions: number,
): number {
  let sum = 0;
  for (let j = 0; j < dimensions; j += 1) {
    const difference = a[aStart + j]! - b.values[b.start + j]!;
    sum += difference * difference;
  }
  return sum;
}

/** Order of two rows of one array by their first differing coordinate: below 0, 0 or above 0. */
export function compareRows(
  values: Float64Array,
  dimensions: number,
  a: number,
  b: number,
): number {
  for (let j = 0; j < dimensions; j += 1) {
    const difference = values[a * dimensions + j]! - values[b * dimensions + j]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The rows with the given indices, in that order. */
export function takeRows(points: WeightedPoints, rows: ArrayLike<number>): WeightedPoints {
  const { dimensions } = points;
  const values = new Float64Array(rows.length * dimensions);
  const weights = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i += 1) {
    const row = rows[i]!;
    weights[i] = points.weights[row]!;
    for (let j = 0; j < dimensions; j += 1) {
      values[i * dimensions + j] = points.values[row * dimensions + j]!;
    }
  }
  return { values, weights, dimensions };
}
