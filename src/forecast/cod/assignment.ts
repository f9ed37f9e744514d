/** How items come to clusters, and by which answers their clusters' laws are then fitted. */
import {
  boundedKMeans,
  boundedMeanShift,
  type Clustering,
  dbscan,
  kMeans,
  meanShift,
  type Points,
} from '../clustering/index.ts';
import type { Ladder, LadderItems } from '../ladder.ts';
import { canHalve, halveAnswers, leaveOneModelOutGroups } from './cross-fit.ts';
import { type DifficultyOptions, difficultyOf } from './difficulty.ts';

export type ClusteringMethod =
  | 'bounded-mean-shift'
  | 'mean-shift'
  | 'dbscan'
  | 'k-means'
  | 'bounded-k-means';

export type AssignmentOptions = DifficultyOptions & {
  readonly clustering: ClusteringMethod;
  /** Root mean square distance per dimension that a member may have to its centre: scaled by √d for vectors. */
  readonly radius: number;
  /** Smaller clusters are dissolved. */
  readonly minimumSize: number;
  /** Cluster and fit on different answers. */
  readonly crossFit: boolean;
  readonly seed: number;
};

export type Assignment = {
  /** Per model (items): the cluster of each item, −1 for an outlier. The same array at every model but for single answers. */
  readonly labels: readonly Int32Array[];
  readonly clusters: number;
  /** The answers that the laws are fitted to. */
  readonly counts: LadderItems;
};

/** Groups of the ranks for single answers: a tenth of the items each, but never below the minimum size. */
const mostRankGroups = 10;

/** Clusters a ladder's items; with cross-fitting twice, each half of the answers serving once for either purpose. */
export function assignItems(
  { models }: Ladder,
  items: LadderItems,
  options: AssignmentOptions,
): Assignment[] {
  const { crossFit, minimumSize, seed } = options;
  const cluster = (by: LadderItems, counts: LadderItems): Assignment => {
    const { labels, clusters } = clusterItems(by, models.length, options);
    return { labels: models.map(() => labels), clusters, counts };
  };
  if (!crossFit) return [cluster(items, items)];
  if (canHalve(items)) {
    const [first, second] = halveAnswers(items, seed);
    return [cluster(first, second), cluster(second, first)];
  }
  const groups = Math.max(1, Math.min(mostRankGroups, Math.floor(items.ids.length / minimumSize)));
  const labels = leaveOneModelOutGroups(items, models.length, { groups, seed });
  return [{ labels, clusters: groups, counts: items }];
}

/** Clusters items by their difficulty. */
export function clusterItems(
  items: LadderItems,
  models: number,
  options: AssignmentOptions,
): Clustering {
  const points = difficultyOf(items, models, options);
  return runClustering(points, options);
}

function runClustering(
  points: Points,
  { clustering, radius, minimumSize, seed }: AssignmentOptions,
): Clustering {
  const reach = radius * Math.sqrt(points.dimensions);
  switch (clustering) {
    case 'bounded-mean-shift':
      return boundedMeanShift(points, { radius: reach, minimumSize });
    case 'mean-shift':
      return meanShift(points, { bandwidth: reach });
    case 'dbscan':
      return dbscan(points, { radius: reach / 2, minimumNeighbours: minimumSize });
    case 'bounded-k-means':
      return boundedKMeans(points, { radius: reach, minimumSize, seed });
    case 'k-means':
      return kMeans(points, { clusters: kMeansClusters(points, minimumSize), seed });
  }
}

/** As many clusters as the bounded ones find on typical benchmarks: about ten, none below the minimum size on average. */
function kMeansClusters({ values, dimensions }: Points, minimumSize: number): number {
  const items = values.length / dimensions;
  return Math.max(1, Math.min(10, Math.floor(items / minimumSize)));
}
