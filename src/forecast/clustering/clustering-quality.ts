import { checkPoints } from './check-input.ts';
import type { Clustering } from './clustering.ts';
import { type Points, squaredDistance } from './points.ts';

export type ClusteringQuality = {
  /** Mean distance of the members to their cluster's centre, in the unit of the points; null without members. */
  readonly intraClusterDistance: number | null;
  /** Outliers as a part of the items, 0 … 1; 0 without items. */
  readonly outlierRate: number;
};

/** How tight a clustering is and how much it leaves out; the two trade off, so neither is shown alone. */
export function clusteringQuality(points: Points, clustering: Clustering): ClusteringQuality {
  checkPoints('clusteringQuality', points);
  const { values, dimensions } = points;
  const { labels, centres } = clustering;
  if (labels.length * dimensions !== values.length) {
    throw new RangeError(
      `\`clusteringQuality\`: expected labels of ${values.length / dimensions} items, got ${labels.length}`,
    );
  }
  let sum = 0;
  let members = 0;
  labels.forEach((label, item) => {
    if (label < 0) return;
    const centre = { values: centres, start: label * dimensions };
    sum += Math.sqrt(squaredDistance(values, item * dimensions, centre, dimensions));
    members += 1;
  });
  return {
    intraClusterDistance: members === 0 ? null : sum / members,
    outlierRate: labels.length === 0 ? 0 : 1 - members / labels.length,
  };
}
