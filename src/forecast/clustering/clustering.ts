import type { MergedPoints } from './merge-duplicates.ts';
import { compareRows, type WeightedPoints } from './points.ts';

export type Clustering = {
  /** Per item, its cluster in 0 … clusters − 1; −1 = outlier. */
  readonly labels: Int32Array;
  /** (clusters, dimensions), means of the members. */
  readonly centres: Float64Array;
  /** Members per cluster. */
  readonly sizes: Int32Array;
  readonly clusters: number;
};

/** Weight of the members of each label; rows labelled −1 count nowhere. */
export function clusterWeights(
  points: WeightedPoints,
  labels: Int32Array,
  clusters: number,
): Float64Array {
  const weights = new Float64Array(clusters);
  for (let row = 0; row < labels.length; row += 1) {
    const label = labels[row]!;
    if (label >= 0) weights[label]! += points.weights[row]!;
  }
  return weights;
}

/** Weights and weighted means of the members of each label; a cluster without members stands at `fallback`. */
export function clusterMeans(
  points: WeightedPoints,
  labels: Int32Array,
  fallback: Float64Array,
): { readonly centres: Float64Array; readonly weights: Float64Array } {
  const { values, dimensions } = points;
  const clusters = fallback.length / dimensions;
  const centres = new Float64Array(fallback.length);
  const weights = clusterWeights(points, labels, clusters);
  for (let row = 0; row < labels.length; row += 1) {
    const label = labels[row]!;
    if (label < 0) continue;
    const weight = points.weights[row]!;
    for (let j = 0; j < dimensions; j += 1) {
      centres[label * dimensions + j]! += weight * values[row * dimensions + j]!;
    }
  }
  for (let at = 0; at < centres.length; at += 1) {
    const weight = weights[Math.floor(at / dimensions)]!;
    centres[at] = weight > 0 ? centres[at]! / weight : fallback[at]!;
  }
  return { centres, weights };
}

/** The clustering of the items from the labels of their merged rows; a cluster without members stands at `fallback`. */
export function unmerge(
  merged: MergedPoints,
  labels: Int32Array,
  fallback: Float64Array,
): Clustering {
  const weighted = { ...merged.points, weights: merged.weights };
  const { centres, weights } = clusterMeans(weighted, labels, fallback);
  return {
    labels: merged.groupOf.map((group) => labels[group]!),
    centres,
    sizes: Int32Array.from(weights),
    clusters: weights.length,
  };
}

/** The same clustering without empty clusters, numbered by descending size; ties by ascending centre. */
export function numberBySize(clustering: Clustering): Clustering {
  const { labels, centres, sizes } = clustering;
  const dimensions = clustering.clusters === 0 ? 1 : centres.length / clustering.clusters;
  const order = Array.from(sizes.keys())
    .filter((cluster) => sizes[cluster]! > 0)
    .sort((a, b) => sizes[b]! - sizes[a]! || compareRows(centres, dimensions, a, b));
  const numbers = new Int32Array(sizes.length).fill(-1);
  order.forEach((cluster, number) => (numbers[cluster] = number));
  const sorted = new Float64Array(order.length * dimensions);
  order.forEach((cluster, number) =>
    sorted.set(
      centres.subarray(cluster * dimensions, (cluster + 1) * dimensions),
      number * dimensions,
    ),
  );
  return {
    labels: labels.map((label) => (label < 0 ? -1 : numbers[label]!)),
    centres: sorted,
    sizes: Int32Array.from(order, (cluster) => sizes[cluster]!),
    clusters: order.length,
  };
}
