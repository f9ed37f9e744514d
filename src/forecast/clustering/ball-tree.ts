import { rowCount, type WeightedPoints } from './points.ts';

/**
 * A tree of nested balls over weighted points, in preorder: the subtree of `node` is node … next[node] − 1, its left
 * child is node + 1, and a leaf has next[node] = node + 1. Every query is one walk without a stack.
 *
 * Nodes carry their centroid and the radius of the ball about it, not a box: pass rates in many dimensions are a thin
 * sheet thickened by binomial noise, whose boxes have corners far outside the data. A ball also decides both "inside" and
 * "outside" by one distance. Built by halving at the median of the widest dimension (by variance): O(n d log n).
 */
export type BallTree = {
  readonly dimensions: number;
  /** Rows and weights in the order of the leaves. */
  readonly values: Float64Array;
  readonly weights: Float64Array;
  /** Position in the tree to row of the input. */
  readonly rows: Int32Array;
  readonly nodes: number;
  /** Per node: its points are start … end − 1. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly next: Int32Array;
  /** Per node: weight, (nodes, dimensions) weighted sum of its points, and their mean. */
  readonly nodeWeights: Float64Array;
  readonly sums: Float64Array;
  readonly centroids: Float64Array;
  /** Per node: largest and root-mean-square distance of its points to the centroid. */
  readonly radii: Float64Array;
  readonly spreads: Float64Array;
};

/** Scanning this many points costs about as much as visiting the nodes that smaller leaves would need (measured). */
const LEAF_SIZE = 16;

type Draft = { -readonly [key in keyof BallTree]: BallTree[key] };

export function buildBallTree(points: WeightedPoints): BallTree {
  const { dimensions } = points;
  const count = rowCount(points);
  const most = Math.ceil((4 * count) / LEAF_SIZE) + 1;
  const tree: Draft = {
    dimensions,
    values: points.values,
    weights: points.weights,
    rows: Int32Array.from({ length: count }, (_, row) => row),
    nodes: 0,
    starts: new Int32Array(most),
    ends: new Int32Array(most),
    next: new Int32Array(most),
    nodeWeights: new Float64Array(most),
    sums: new Float64Array(most * dimensions),
    centroids: new Float64Array(most * dimensions),
    radii: new Float64Array(most),
    spreads: new Float64Array(most),
  };
  if (count > 0) addNode(tree, 0, count);
  const values = new Float64Array(count * dimensions);
  tree.rows.forEach((row, at) => {
    for (let j = 0; j < dimensions; j += 1) {
      values[at * dimensions + j] = points.values[row * dimensions + j]!;
    }
  });
  tree.values = values;
  tree.weights = Float64Array.from(tree.rows, (row) => points.weights[row]!);
  return tree;
}

function addNode(tree: Draft, start: number, end: number): void {
  const node = tree.nodes;
  tree.nodes += 1;
  tree.starts[node] = start;
  tree.ends[node] = end;
  const widest = measureNode(tree, node);
  if (end - start > LEAF_SIZE) {
    const middle = (start + end) >> 1;
    selectMiddle(tree, widest, { start, end, middle });
    addNode(tree, start, middle);
    addNode(tree, middle, end);
  }
  tree.next[node] = tree.nodes;
}

/** Fills the node's sums, centroid, radius and spread; returns its dimension of largest variance. */
function measureNode(tree: Draft, node: number): number {
  const { dimensions, values, weights, rows, sums, centroids } = tree;
  const base = node * dimensions;
  const start = tree.starts[node]!;
  const end = tree.ends[node]!;
  let total = 0;
  for (let at = start; at < end; at += 1) {
    const row = rows[at]!;
    const weight = weights[row]!;
    total += weight;
    for (let j = 0; j < dimensions; j += 1)
      sums[base + j]! += weight * values[row * dimensions + j]!;
  }
  for (let j = 0; j < dimensions; j += 1) centroids[base + j] = sums[base + j]! / total;
  const variances = new Float64Array(dimensions);
  let largest = 0;
  for (let at = start; at < end; at += 1) {
    const row = rows[at]!;
    const weight = weights[row]!;
    let square = 0;
    for (let j = 0; j < dimensions; j += 1) {
      const difference = values[row * dimensions + j]! - centroids[base + j]!;
      square += difference * difference;
      variances[j]! += weight * difference * difference;
    }
    if (square > largest) largest = square;
  }
  tree.nodeWeights[node] = total;
  tree.radii[node] = Math.sqrt(largest);
  tree.spreads[node] = Math.sqrt(variances.reduce((sum, value) => sum + value, 0) / total);
  return variances.reduce((best, value, j) => (value > variances[best]! ? j : best), 0);
}

/** Quickselect (Hoare 1961) of `rows` by one dimension: afterwards none before `middle` is above one after it. */
function selectMiddle(
  tree: Draft,
  dimension: number,
  { start, end, middle }: { start: number; end: number; middle: number },
): void {
  const { rows, values, dimensions } = tree;
  const key = (at: number): number => values[rows[at]! * dimensions + dimension]!;
  let low = start;
  let high = end - 1;
  while (low < high) {
    const pivot = key((low + high) >> 1);
    let i = low;
    let j = high;
    while (i <= j) {
      while (key(i) < pivot) i += 1;
      while (key(j) > pivot) j -= 1;
      if (i > j) break;
      const row = rows[i]!;
      rows[i] = rows[j]!;
      rows[j] = row;
      i += 1;
      j -= 1;
    }
    if (middle <= j) high = j;
    else if (middle >= i) low = i;
    else return;
  }
}
