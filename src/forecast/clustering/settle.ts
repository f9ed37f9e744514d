import { clusterMeans, clusterWeights } from './clustering.ts';
import { nearestCentres, nearestOpenCentre } from './nearest-centres.ts';
import { compareRows, squaredDistance, type WeightedPoints } from './points.ts';

export type SettleOptions = {
  /** No member may be farther from its cluster's mean. */
  readonly radius: number;
  /** Weight below which a cluster is dissolved. */
  readonly minimumSize: number;
};

export type Settled = {
  /** Per row; −1 = outlier. */
  readonly labels: Int32Array;
  /** (clusters, dimensions): means of the members, and the old places of dissolved clusters. */
  readonly centres: Float64Array;
};

/** Rounds of improvement. Each lowers the cost, and what the last rounds still move is a small part of the rows. */
const MAX_ROUNDS = 30;

/**
 * Makes bounded clusters of given centres: Lloyd's rounds (every row to the nearest centre within the radius or to none,
 * every centre to the mean of its members), which descend Σ min(distance², radius²); in each, clusters below the minimum
 * are dissolved, the smallest first, and their members offered to the others within the radius. Rounds end when nothing
 * changes; after the last, members beyond the radius of the mean are cut off, so the bound holds always.
 */
export function settle(
  points: WeightedPoints,
  centres: Float64Array,
  options: SettleOptions,
): Settled {
  let current = centres;
  let labels: Int32Array | null = null;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const assigned = nearestCentres(points, {
      centres: current,
      reach: options.radius,
      guesses: labels,
    });
    dissolveSmall(points, { labels: assigned, centres: current }, options);
    if (labels?.every((label, row) => label === assigned[row])) break;
    labels = assigned;
    current = keepOpen(points, labels, current);
  }
  return cutOff(points, { labels: labels ?? new Int32Array(0), centres: current }, options);
}

/** Means of the members, without the clusters that have none; renumbers the labels. */
function keepOpen(points: WeightedPoints, labels: Int32Array, centres: Float64Array): Float64Array {
  const { centres: means, weights } = clusterMeans(points, labels, centres);
  const numbers = new Int32Array(weights.length);
  let clusters = 0;
  weights.forEach((weight, cluster) => {
    numbers[cluster] = clusters;
    means.copyWithin(
      clusters * points.dimensions,
      cluster * points.dimensions,
      (cluster + 1) * points.dimensions,
    );
    if (weight > 0) clusters += 1;
  });
  labels.forEach((label, row) => (labels[row] = label < 0 ? -1 : numbers[label]!));
  return means.slice(0, clusters * points.dimensions);
}

/** Empties the clusters below the minimum, the smallest first (ties by centre), offering each member the open ones. */
function dissolveSmall(
  points: WeightedPoints,
  { labels, centres }: Settled,
  { radius, minimumSize }: SettleOptions,
): void {
  const weights = clusterWeights(points, labels, centres.length / points.dimensions);
  const members = membersOf(labels, weights.length, (cluster) => weights[cluster]! < minimumSize);
  const isClosed = Uint8Array.from(weights, (weight) => (weight === 0 ? 1 : 0));
  for (;;) {
    let smallest = -1;
    for (const cluster of members.keys()) {
      if (isClosed[cluster] === 1 || weights[cluster]! >= minimumSize) continue;
      const order =
        smallest < 0
          ? -1
          : weights[cluster]! - weights[smallest]! ||
            compareRows(centres, points.dimensions, cluster, smallest);
      if (order < 0) smallest = cluster;
    }
    if (smallest < 0) return;
    isClosed[smallest] = 1;
    for (const row of members.get(smallest) ?? []) {
      const label = nearestOpenCentre(points, row, { centres, reach: radius, isClosed });
      labels[row] = label;
      if (label < 0) continue;
      weights[label]! += points.weights[row]!;
      members.get(label)?.push(row);
    }
  }
}

/** Rows per cluster, of the chosen clusters. */
function membersOf(
  labels: Int32Array,
  clusters: number,
  isChosen: (cluster: number) => boolean,
): Map<number, number[]> {
  const members = new Map<number, number[]>();
  for (let cluster = 0; cluster < clusters; cluster += 1) {
    if (isChosen(cluster)) members.set(cluster, []);
  }
  labels.forEach((label, row) => members.get(label)?.push(row));
  return members;
}

/** Makes outliers of members beyond the radius of their mean, and of clusters thus below the minimum, until none is. */
function cutOff(points: WeightedPoints, settled: Settled, options: SettleOptions): Settled {
  const { dimensions, values } = points;
  const limit = options.radius * options.radius;
  let labels = settled.labels;
  for (;;) {
    const { centres, weights } = clusterMeans(points, labels, settled.centres);
    const kept = labels.map((label, row) => {
      if (label < 0 || weights[label]! < options.minimumSize) return -1;
      const centre = { values: centres, start: label * dimensions };
      const square = squaredDistance(values, row * dimensions, centre, dimensions);
      return square <= limit ? label : -1;
    });
    if (kept.every((label, row) => label === labels[row])) return { labels, centres };
    labels = kept;
  }
}
