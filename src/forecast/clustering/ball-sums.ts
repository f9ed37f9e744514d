import { sideOfShell } from './ball-queries.ts';
import type { BallTree } from './ball-tree.ts';

/** Weight of the points in the ball about `centre`; `sum` (dimensions) receives their weighted sum. */
export type BallSums = (centre: Float64Array, sum: Float64Array) => number;

/** Part of the radius. Larger: lists last longer and are longer; from 0.05 to 0.15 the time hardly changes (measured). */
const SLACK = 0.1;

/** Neighbourhoods kept, the latest: the paths of many starts run together. */
const MOST_KEPT = 256;

/** What is known about all balls whose centres are within the slack of `anchor`. */
type Neighbourhood = {
  readonly anchor: Float64Array;
  /** Weighted sum and weight of the points that all these balls hold. */
  readonly core: Float64Array;
  readonly coreWeight: number;
  /** Positions in the tree of the points that some of them hold. */
  readonly shell: Int32Array;
};

/**
 * Sums over balls of one radius whose centres move in small steps, as mean shift does: the points that can enter or leave
 * within the next steps are listed once (Verlet 1967, for forces between molecules), and only they are looked at while a
 * centre is within a tenth of the radius of where the list was made. Whole nodes of the tree count as one.
 */
export function ballSums(tree: BallTree, radius: number): BallSums {
  const { dimensions, values, weights } = tree;
  const limit = radius * radius;
  const slackSquare = (SLACK * radius) ** 2;
  const known: Neighbourhood[] = [];
  let made = 0;
  return (centre, sum) => {
    let near = known.find(({ anchor }) => isWithin(anchor, centre, slackSquare));
    if (near === undefined) {
      near = gather(tree, centre, radius);
      known[made % MOST_KEPT] = near;
      made += 1;
    }
    const { shell } = near;
    sum.set(near.core);
    let total = near.coreWeight;
    for (const position of shell) {
      const base = position * dimensions;
      let square = 0;
      for (let j = 0; j < dimensions; j += 1) {
        const difference = centre[j]! - values[base + j]!;
        square += difference * difference;
      }
      if (square > limit) continue;
      const weight = weights[position]!;
      total += weight;
      for (let j = 0; j < dimensions; j += 1) sum[j]! += weight * values[base + j]!;
    }
    return total;
  };
}

function isWithin(anchor: Float64Array, centre: Float64Array, limit: number): boolean {
  let square = 0;
  for (let j = 0; j < centre.length && square < limit; j += 1) {
    square += (anchor[j]! - centre[j]!) ** 2;
  }
  return square < limit;
}

function gather(tree: BallTree, centre: Float64Array, radius: number): Neighbourhood {
  const { dimensions, values, weights, next } = tree;
  // A hair wider than the slack, so that rounding decides nothing.
  const inner = radius * (1 - SLACK - 1e-9);
  const outer = radius * (1 + SLACK + 1e-9);
  const bounds = { centre, inner, outer };
  const core = new Float64Array(dimensions);
  const shell: number[] = [];
  let coreWeight = 0;
  for (let node = 0; node < tree.nodes; ) {
    const side = sideOfShell(tree, node, bounds);
    if (side === 0 && next[node]! > node + 1) {
      node += 1;
      continue;
    }
    if (side > 0) {
      coreWeight += tree.nodeWeights[node]!;
      for (let j = 0; j < dimensions; j += 1) core[j]! += tree.sums[node * dimensions + j]!;
    }
    const end = side === 0 ? tree.ends[node]! : 0;
    for (let at = tree.starts[node]!; at < end; at += 1) {
      const base = at * dimensions;
      let square = 0;
      for (let j = 0; j < dimensions; j += 1) {
        const difference = centre[j]! - values[base + j]!;
        square += difference * difference;
      }
      if (square > outer * outer) continue;
      if (square > inner * inner) {
        shell.push(at);
        continue;
      }
      const weight = weights[at]!;
      coreWeight += weight;
      for (let j = 0; j < dimensions; j += 1) core[j]! += weight * values[base + j]!;
    }
    node = next[node]!;
  }
  return { anchor: centre.slice(), core, coreWeight, shell: Int32Array.from(shell) };
}
