import { rowsInBall, weighsAtLeast } from './ball-queries.ts';
import { type BallTree, buildBallTree } from './ball-tree.ts';
import { checkPoints, checkPositive, checkWhole } from './check-input.ts';
import { type Clustering, unmerge } from './clustering.ts';
import { mergeDuplicates } from './merge-duplicates.ts';
import type { Points } from './points.ts';

export type DbscanOptions = {
  /** Items within this distance are neighbours (scikit-learn's `eps`), in the unit of the points. */
  readonly radius: number;
  /** Neighbours, the item itself included, that make a core item (scikit-learn's `min_samples`). */
  readonly minimumNeighbours: number;
};

/**
 * DBSCAN (Ester, Kriegel, Sander and Xu 1996) with the labels of scikit-learn's `DBSCAN`: clusters in the order of their
 * first core item, an item on the border of several in the first of them, the rest −1. Neighbours are looked up again
 * when they are needed, so memory stays linear in the items.
 */
export function dbscan(points: Points, options: DbscanOptions): Clustering {
  const { radius, minimumNeighbours } = options;
  checkPositive('dbscan', { radius });
  checkWhole('dbscan', { minimumNeighbours }, 1);
  checkPoints('dbscan', points);
  const merged = mergeDuplicates(points);
  const tree = buildBallTree({ ...merged.points, weights: merged.weights });
  const ballOf = (row: number): { centre: Float64Array; radius: number } => ({
    centre: rowAt(merged.points, row),
    radius,
  });
  const isCore = Uint8Array.from(merged.weights, (_, row) =>
    weighsAtLeast(tree, ballOf(row), minimumNeighbours) ? 1 : 0,
  );
  const labels = new Int32Array(isCore.length).fill(-1);
  let clusters = 0;
  for (const row of merged.groupOf) {
    if (labels[row] !== -1 || isCore[row] === 0) continue;
    spread(tree, { first: row, label: clusters, labels, isCore, ballOf });
    clusters += 1;
  }
  return unmerge(merged, labels, new Float64Array(clusters * points.dimensions));
}

/** Labels all that is reached from a core row over core rows. */
function spread(
  tree: BallTree,
  search: {
    readonly first: number;
    readonly label: number;
    readonly labels: Int32Array;
    readonly isCore: Uint8Array;
    readonly ballOf: (row: number) => { centre: Float64Array; radius: number };
  },
): void {
  const { label, labels, isCore, ballOf } = search;
  const open = [search.first];
  labels[search.first] = label;
  for (let row = open.pop(); row !== undefined; row = open.pop()) {
    for (const neighbour of rowsInBall(tree, ballOf(row))) {
      if (labels[neighbour] !== -1) continue;
      labels[neighbour] = label;
      if (isCore[neighbour] === 1) open.push(neighbour);
    }
  }
}

function rowAt({ values, dimensions }: Points, row: number): Float64Array {
  return values.subarray(row * dimensions, (row + 1) * dimensions);
}
