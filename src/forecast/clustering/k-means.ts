import { checkPoints, checkWhole } from './check-input.ts';
import { type Clustering, clusterMeans, unmerge } from './clustering.ts';
import { kMeansPlusPlus } from './k-means-plus-plus.ts';
import { mergeDuplicates } from './merge-duplicates.ts';
import { nearestCentres } from './nearest-centres.ts';
import { type Points, squaredDistance, type WeightedPoints } from './points.ts';

export type KMeansOptions = {
  readonly clusters: number;
  /** (clusters, dimensions) to start from; without it k-means++ keyed by `seed`. */
  readonly initial?: Float64Array;
  /** @default 0 */
  readonly seed?: number;
  /** @default 300 */
  readonly maxIterations?: number;
  /** Squared movement of all centres at which to stop, as a part of the mean variance of a dimension. @default 1e-4 */
  readonly tolerance?: number;
};

/**
 * Lloyd's k-means with the rules of scikit-learn's `KMeans(algorithm='lloyd', n_init=1)`: same stopping, same relocation
 * of empty clusters to the items farthest from their centres. Cluster numbers follow the initial centres. Without
 * `initial` there are at most as many clusters as distinct rows. (An item equally near to two centres goes to the first;
 * in scikit-learn rounding decides.)
 */
export function kMeans(points: Points, options: KMeansOptions): Clustering {
  const { clusters, initial, seed = 0, maxIterations = 300, tolerance = 1e-4 } = options;
  checkWhole('kMeans', { clusters, maxIterations }, 1);
  if (!(tolerance >= 0)) {
    throw new RangeError(`\`kMeans\`: expected \`tolerance\` of at least 0, got ${tolerance}`);
  }
  checkPoints('kMeans', points);
  if (initial !== undefined) checkInitial(initial, clusters, points.dimensions);
  const merged = mergeDuplicates(points);
  const weighted = { ...merged.points, weights: merged.weights };
  if (merged.weights.length === 0) return unmerge(merged, new Int32Array(0), new Float64Array(0));
  const centres = initial ?? kMeansPlusPlus(weighted, clusters, seed);
  const result = lloyd(weighted, centres, { maxIterations, tolerance });
  return unmerge(merged, result.labels, result.centres);
}

function checkInitial(initial: Float64Array, clusters: number, dimensions: number): void {
  if (initial.length !== clusters * dimensions) {
    throw new RangeError(
      `\`kMeans\`: expected \`initial\` of ${clusters} × ${dimensions} values, got ${initial.length}`,
    );
  }
  const at = initial.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) {
    throw new RangeError(
      `\`kMeans\`: expected \`initial\` to be finite, got ${initial[at]!} at index ${at}`,
    );
  }
}

/** Lloyd's iterations on weighted rows from given centres (clusters, dimensions). */
export function lloyd(
  points: WeightedPoints,
  initial: Float64Array,
  { maxIterations, tolerance }: { readonly maxIterations: number; readonly tolerance: number },
): { readonly labels: Int32Array; readonly centres: Float64Array } {
  const stop = tolerance * meanVariance(points);
  let centres = initial;
  let labels: Int32Array | null = null;
  for (let iteration = 0; iteration < maxIterations; iteration += 1) {
    const assigned = nearestCentres(points, { centres, reach: Infinity, guesses: labels });
    const moved = movedCentres(points, assigned, centres);
    let shift = 0;
    moved.forEach((value, at) => (shift += (value - centres[at]!) ** 2));
    centres = moved;
    if (labels?.every((label, row) => label === assigned[row])) return { labels, centres };
    labels = assigned;
    if (shift <= stop) break;
  }
  return { labels: nearestCentres(points, { centres, reach: Infinity, guesses: labels }), centres };
}

function movedCentres(
  points: WeightedPoints,
  labels: Int32Array,
  centres: Float64Array,
): Float64Array {
  const { centres: means, weights } = clusterMeans(points, labels, centres);
  const empty = [...weights.keys()].filter((cluster) => weights[cluster] === 0);
  if (empty.length > 0) relocate(points, { labels, centres, means, weights, empty });
  return means;
}

/** Gives every empty cluster one item, the farthest from their centres first, and takes it out of its cluster's mean. */
function relocate(
  { values, dimensions, weights: copies }: WeightedPoints,
  state: {
    readonly labels: Int32Array;
    readonly centres: Float64Array;
    readonly means: Float64Array;
    readonly weights: Float64Array;
    readonly empty: readonly number[];
  },
): void {
  const { labels, centres, means, weights } = state;
  const squares = Float64Array.from(labels, (label, row) =>
    squaredDistance(
      values,
      row * dimensions,
      { values: centres, start: label * dimensions },
      dimensions,
    ),
  );
  const farthest = [...labels.keys()]
    .filter((row) => squares[row]! > 0)
    .sort((a, b) => squares[b]! - squares[a]!)
    .flatMap((row) =>
      Array.from({ length: Math.min(copies[row]!, state.empty.length) }, () => row),
    );
  state.empty.slice(0, farthest.length).forEach((cluster, at) => {
    const row = farthest[at]!;
    const from = labels[row]!;
    const rest = weights[from]! - 1;
    for (let j = 0; j < dimensions; j += 1) {
      const value = values[row * dimensions + j]!;
      means[cluster * dimensions + j] = value;
      const mean = means[from * dimensions + j]!;
      if (rest > 0) means[from * dimensions + j] = mean + (mean - value) / rest;
    }
    weights[from] = rest;
    weights[cluster] = 1;
  });
}

function meanVariance(points: WeightedPoints): number {
  const { values, dimensions, weights } = points;
  const mean = clusterMeans(points, new Int32Array(weights.length), new Float64Array(dimensions));
  let sum = 0;
  values.forEach((value, at) => {
    const weight = weights[Math.floor(at / dimensions)]!;
    sum += weight * (value - mean.centres[at % dimensions]!) ** 2;
  });
  return sum / (mean.weights[0]! * dimensions);
}
