import { checkPoints, checkPositive, checkWhole } from './check-input.ts';
import { type Clustering, numberBySize, unmerge } from './clustering.ts';
import { findModes } from './find-modes.ts';
import { mergeDuplicates } from './merge-duplicates.ts';
import { type Points, takeRows } from './points.ts';
import { settle } from './settle.ts';

export type BoundedMeanShiftOptions = {
  /** No member is farther from its cluster's centre, so no two members are farther apart than twice this. */
  readonly radius: number;
  /** Members that a cluster needs. @default 10 */
  readonly minimumSize?: number;
};

/** Rounds of looking for more clusters in what is left; settled clusters leave few, one round finds most. */
const MAX_ROUNDS = 5;

/**
 * Mean shift with a bounded diameter and a minimum size, after the improved MeanShift of Clustering-On-Difficulty
 * (arXiv 2502.17262; its constraints, our construction): modes take their balls, the densest first (`findModes`), the
 * clusters then settle within the bound and the small ones are dissolved (`settle`), and clusters are sought again among
 * the outliers. Items that fit nowhere are outliers. The number of clusters is found. Clusters are numbered by descending
 * size, ties by ascending centre; the order of the items has no effect on the clusters.
 */
export function boundedMeanShift(points: Points, options: BoundedMeanShiftOptions): Clustering {
  const { radius, minimumSize = 10 } = options;
  checkPositive('boundedMeanShift', { radius });
  checkWhole('boundedMeanShift', { minimumSize }, 1);
  checkPoints('boundedMeanShift', points);
  const merged = mergeDuplicates(points);
  const weighted = { ...merged.points, weights: merged.weights };
  const bounds = { radius, minimumSize };
  let settled = settle(weighted, findModes(weighted, bounds), bounds);
  for (let round = 1; round < MAX_ROUNDS; round += 1) {
    const { labels, centres } = settled;
    const outliers = [...labels.keys()].filter((row) => labels[row] === -1);
    const more = findModes(takeRows(weighted, outliers), bounds);
    if (more.length === 0) break;
    settled = settle(weighted, joined(centres, more), bounds);
  }
  return numberBySize(unmerge(merged, settled.labels, settled.centres));
}

function joined(a: Float64Array, b: Float64Array): Float64Array {
  const both = new Float64Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
