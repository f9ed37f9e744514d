import type { BallTree } from './ball-tree.ts';
import { squaredDistance } from './points.ts';

/** A closed ball. */
export type Ball = { readonly centre: Float64Array; readonly radius: number };

/**
 * A node counts as inside or outside only with this relative margin, so that a point on the sphere is always decided by
 * its own distance and no result depends on how the tree was cut.
 */
const MARGIN = 1e-9;

/** Whether the points in the ball weigh at least `least`; stops as soon as they do. */
export function weighsAtLeast(tree: BallTree, ball: Ball, least: number): boolean {
  let total = 0;
  walkBall(tree, ball, (start, end) => {
    for (let at = start; at < end; at += 1) total += tree.weights[at]!;
    return total < least;
  });
  return total >= least;
}

/** Input rows of the points in the ball, in the order of the tree. */
export function rowsInBall(tree: BallTree, ball: Ball): number[] {
  const rows: number[] = [];
  walkBall(tree, ball, (start, end) => {
    for (let at = start; at < end; at += 1) rows.push(tree.rows[at]!);
    return true;
  });
  return rows;
}

/** Visits the points in the ball as stretches of positions in the tree, while the visitor returns true. */
function walkBall(
  tree: BallTree,
  ball: Ball,
  visit: (start: number, end: number) => boolean,
): void {
  const { values, dimensions } = tree;
  const limit = ball.radius * ball.radius;
  const shell = { centre: ball.centre, inner: ball.radius, outer: ball.radius };
  for (let node = 0; node < tree.nodes; ) {
    const side = sideOfShell(tree, node, shell);
    const next = tree.next[node]!;
    const start = tree.starts[node]!;
    const end = tree.ends[node]!;
    if (side > 0) {
      if (!visit(start, end)) return;
    } else if (side === 0 && next > node + 1) {
      node += 1;
      continue;
    } else if (side === 0) {
      for (let at = start; at < end; at += 1) {
        const point = { values, start: at * dimensions };
        const inside = squaredDistance(ball.centre, 0, point, dimensions) <= limit;
        if (inside && !visit(at, at + 1)) return;
      }
    }
    node = next;
  }
}

/** 1: the node lies inside the inner radius about the centre, −1: outside the outer one, 0: neither is certain. */
export function sideOfShell(
  tree: BallTree,
  node: number,
  shell: { readonly centre: Float64Array; readonly inner: number; readonly outer: number },
): number {
  const { dimensions, centroids } = tree;
  const { centre } = shell;
  const base = node * dimensions;
  let square = 0;
  for (let j = 0; j < dimensions; j += 1) {
    const difference = centre[j]! - centroids[base + j]!;
    square += difference * difference;
  }
  const distance = Math.sqrt(square);
  const extent = tree.radii[node]!;
  if (distance - extent > shell.outer * (1 + MARGIN)) return -1;
  if (distance + extent < shell.inner * (1 - MARGIN)) return 1;
  return 0;
}
