import { rowsInBall } from './ball-queries.ts';
import { type BallSums, ballSums } from './ball-sums.ts';
import { type BallTree, buildBallTree } from './ball-tree.ts';
import { rowCount, squaredDistance, takeRows, type WeightedPoints } from './points.ts';

export type ModeOptions = {
  readonly radius: number;
  /** Weight that a mode's ball must hold. */
  readonly minimumSize: number;
};

type Mode = { readonly centre: Float64Array; readonly weight: number };

/** A start rests when it moves by at most this part of the radius: what takes the balls refines their centres anyway. */
const STOP = 1e-2;
const MAX_MOVES = 100;
/** A start that comes this near to the path of an earlier one (as a part of the radius) ends where that one did. */
const SAME_PATH = 0.1;

/**
 * Centres of balls that cover the dense parts of the points: mean shift with a flat kernel finds the modes, the densest
 * mode takes the points in its ball, and modes are sought anew in what is left until no ball holds `minimumSize`.
 * Modes more than two radii apart cannot take points from one another, so a round takes all such at once.
 * (modes, dimensions), in the order taken. Equal for all orders of the rows only if they come in one order (merged).
 */
export function findModes(points: WeightedPoints, options: ModeOptions): Float64Array {
  const found: Float64Array[] = [];
  let rest = points;
  let thorough = false;
  for (;;) {
    const tree = buildBallTree(rest);
    const isTaken = new Uint8Array(rowCount(rest));
    const taken = separateModes(climbAll(tree, options, thorough), 2 * options.radius).filter(
      (centre) => {
        const rows = rowsInBall(tree, { centre, radius: options.radius });
        const weight = rows.reduce((sum, row) => sum + rest.weights[row]!, 0);
        if (weight < options.minimumSize) return false;
        for (const row of rows) isTaken[row] = 1;
        return true;
      },
    );
    // Starting from every point is dear and finds little more: only once the cheap starts find nothing.
    if (taken.length === 0 && thorough) break;
    if (taken.length === 0) thorough = true;
    found.push(...taken);
    rest = takeRows(
      rest,
      [...isTaken.keys()].filter((row) => isTaken[row] === 0),
    );
  }
  const centres = new Float64Array(found.length * points.dimensions);
  found.forEach((centre, at) => centres.set(centre, at * points.dimensions));
  return centres;
}

/** Modes by descending weight (ties by ascending centre), each more than `distance` from all before it. */
function separateModes(modes: Mode[], distance: number): Float64Array[] {
  modes.sort((a, b) => b.weight - a.weight || compareVectors(a.centre, b.centre));
  const kept: Float64Array[] = [];
  for (const { centre } of modes) {
    if (!kept.some((other) => squared(other, centre) <= distance * distance)) kept.push(centre);
  }
  return kept;
}

function climbAll(tree: BallTree, options: ModeOptions, thorough: boolean): Mode[] {
  const { dimensions } = tree;
  const seeds = treeSeeds(tree, options.radius, thorough);
  const sums = ballSums(tree, options.radius);
  const paths: number[] = [];
  const modes: Mode[] = [];
  for (let start = 0; start < seeds.length; start += dimensions) {
    const mode = climb(sums, Float64Array.from(seeds.slice(start, start + dimensions)), {
      ...options,
      paths,
    });
    if (mode !== null) modes.push(mode);
  }
  return modes;
}

/**
 * Starts that follow the density: means of the largest nodes whose root-mean-square radius is at most half the ball's, and
 * of leaves; thoroughly, also the single points of leaves that are wider.
 */
function treeSeeds(tree: BallTree, radius: number, thorough: boolean): number[] {
  const { dimensions, next } = tree;
  const seeds: number[] = [];
  const push = (values: Float64Array, at: number): void => {
    for (let j = 0; j < dimensions; j += 1) seeds.push(values[at * dimensions + j]!);
  };
  for (let node = 0; node < tree.nodes; ) {
    const isLeaf = next[node] === node + 1;
    const isTight = tree.spreads[node]! <= radius / 2;
    if (isTight || isLeaf) push(tree.centroids, node);
    if (isLeaf && !isTight && thorough) {
      for (let at = tree.starts[node]!; at < tree.ends[node]!; at += 1) push(tree.values, at);
    }
    node = isTight ? next[node]! : node + 1;
  }
  return seeds;
}

/** Where a start comes to rest; null where it joins an earlier path or is in too thin a place to be of use. */
function climb(
  sums: BallSums,
  centre: Float64Array,
  { radius, minimumSize, paths }: ModeOptions & { readonly paths: number[] },
): Mode | null {
  const dimensions = centre.length;
  const sum = new Float64Array(dimensions);
  const earlier = paths.length;
  for (let move = 0; ; move += 1) {
    const weight = sums(centre, sum);
    // The points nearest to the centre of a full ball start nearly full: half is far from cutting one off.
    if (2 * weight < minimumSize) return null;
    let square = 0;
    for (let j = 0; j < dimensions; j += 1) {
      const moved = sum[j]! / weight;
      square += (moved - centre[j]!) ** 2;
      centre[j] = moved;
    }
    if (isNear(paths, earlier, centre, (SAME_PATH * radius) ** 2)) return null;
    for (const coordinate of centre) paths.push(coordinate);
    if (square <= (STOP * radius) ** 2 || move === MAX_MOVES) return { centre, weight };
  }
}

function isNear(paths: number[], end: number, centre: Float64Array, limit: number): boolean {
  for (let start = 0; start < end; start += centre.length) {
    let square = 0;
    for (let j = 0; j < centre.length && square <= limit; j += 1) {
      square += (paths[start + j]! - centre[j]!) ** 2;
    }
    if (square <= limit) return true;
  }
  return false;
}
function squared(a: Float64Array, b: Float64Array): number {
  return squaredDistance(a, 0, { values: b, start: 0 }, a.length);
}

function compareVectors(a: Float64Array, b: Float64Array): number {
  const at = a.findIndex((value, j) => value !== b[j]);
  return at < 0 ? 0 : a[at]! - b[at]!;
}
