import { checkPoints, checkPositive, checkWhole } from './check-input.ts';
import { type Clustering, clusterMeans, numberBySize, unmerge } from './clustering.ts';
import { lloyd } from './k-means.ts';
import { kMeansPlusPlus } from './k-means-plus-plus.ts';
import { mergeDuplicates } from './merge-duplicates.ts';
import { type Points, squaredDistance, takeRows, type WeightedPoints } from './points.ts';
import { settle } from './settle.ts';

export type BoundedKMeansOptions = {
  /** No member is farther from its cluster's centre. */
  readonly radius: number;
  /** Members that a cluster needs. @default 10 */
  readonly minimumSize?: number;
  /** Key of the draws that start each split. @default 0 */
  readonly seed?: number;
};

const SPLIT = { maxIterations: 300, tolerance: 1e-4 };

/**
 * K-means with a bounded diameter: starting from one cluster, every cluster with a member beyond the radius is split by
 * 2-means until none has; the clusters then settle within the bound and small ones are dissolved as in
 * `boundedMeanShift`. Numbered by descending size, ties by ascending centre; independent of the order of the items.
 */
export function boundedKMeans(points: Points, options: BoundedKMeansOptions): Clustering {
  const { radius, minimumSize = 10, seed = 0 } = options;
  checkPositive('boundedKMeans', { radius });
  checkWhole('boundedKMeans', { minimumSize }, 1);
  checkPoints('boundedKMeans', points);
  const merged = mergeDuplicates(points);
  const weighted = { ...merged.points, weights: merged.weights };
  const settled = settle(weighted, splitCentres(weighted, radius, seed), { radius, minimumSize });
  return numberBySize(unmerge(merged, settled.labels, settled.centres));
}

/** Means of clusters that all lie within the radius of their mean: (clusters, dimensions). */
function splitCentres(points: WeightedPoints, radius: number, seed: number): Float64Array {
  const open = points.weights.length === 0 ? [] : [points];
  const centres: number[] = [];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    const mean = meanOf(part);
    if (isWithin(part, mean, radius)) {
      centres.push(...mean);
      continue;
    }
    const { labels } = lloyd(part, kMeansPlusPlus(part, 2, seed), SPLIT);
    const sides = [0, 1].map((side) => [...labels.keys()].filter((row) => labels[row] === side));
    for (const rows of sides) open.push(takeRows(part, rows));
  }
  return Float64Array.from(centres);
}

function meanOf(points: WeightedPoints): Float64Array {
  const labels = new Int32Array(points.weights.length);
  return clusterMeans(points, labels, new Float64Array(points.dimensions)).centres;
}

function isWithin(
  { values, dimensions }: WeightedPoints,
  centre: Float64Array,
  radius: number,
): boolean {
  for (let start = 0; start < values.length; start += dimensions) {
    const point = { values, start };
    if (squaredDistance(centre, 0, point, dimensions) > radius * radius) return false;
  }
  return true;
}
