import { type BallSums, ballSums } from './ball-sums.ts';
import { buildBallTree } from './ball-tree.ts';
import { binSeeds } from './bin-seeds.ts';
import { checkPoints, checkPositive, checkWhole } from './check-input.ts';
import { type Clustering, unmerge } from './clustering.ts';
import { mergeDuplicates } from './merge-duplicates.ts';
import { nearestCentres } from './nearest-centres.ts';
import { compareRows, type Points, squaredDistance, type WeightedPoints } from './points.ts';

export type MeanShiftOptions = {
  /** Radius of the flat kernel, in the unit of the points. */
  readonly bandwidth: number;
  /** Start from the corners of a grid of that width instead of from every point. @default true */
  readonly binSeeding?: boolean;
  /** Items that a grid corner needs to be a start. @default 1 */
  readonly minBinFrequency?: number;
  /** Whether items farther than the bandwidth from every mode join the nearest one; else they are outliers. @default true */
  readonly clusterAll?: boolean;
  /** Moves of one start, at most. @default 300 */
  readonly maxIterations?: number;
};

export type MeanShiftClustering = Clustering & {
  /** (clusters, dimensions): where the starts came to rest, scikit-learn's `cluster_centers_`; by descending intensity. */
  readonly modes: Float64Array;
};

type Mode = { readonly centre: Float64Array; readonly intensity: number };

/** A start has arrived when it moves by at most this part of the bandwidth (scikit-learn's). */
const STOP = 1e-3;

/**
 * Mean shift with a flat kernel (Comaniciu and Meer 2002), with the seeds, stopping rule, removal of duplicate modes and
 * labels of scikit-learn's `MeanShift` (there `bin_seeding` is off by default). Clusters are numbered by descending
 * intensity of their modes. Where no start has an item within the bandwidth, all items are outliers. Items exactly at the
 * bandwidth from a mean are in or out by rounding, there and here: in one dimension take a bandwidth off the lattice of k/n.
 */
export function meanShift(points: Points, options: MeanShiftOptions): MeanShiftClustering {
  const { bandwidth, minBinFrequency = 1, maxIterations = 300 } = options;
  checkPositive('meanShift', { bandwidth });
  checkWhole('meanShift', { minBinFrequency, maxIterations }, 1);
  checkPoints('meanShift', points);
  const merged = mergeDuplicates(points);
  const weighted = { ...merged.points, weights: merged.weights };
  const seeds =
    options.binSeeding === false ? weighted.values : binSeeds(weighted, bandwidth, minBinFrequency);
  const climbed = climbAll(weighted, seeds, { bandwidth, maxIterations });
  const modes = distinctModes(climbed, bandwidth, points.dimensions);
  const reach = options.clusterAll === false ? bandwidth : Infinity;
  return {
    ...unmerge(merged, nearestCentres(merged.points, { centres: modes, reach }), modes),
    modes,
  };
}

/** Position (as text) to the moves that a start had left from there until it rested. */
type Paths = Map<string, number>;

type ClimbOptions = { readonly bandwidth: number; readonly maxIterations: number };

function climbAll(points: WeightedPoints, seeds: Float64Array, options: ClimbOptions): Mode[] {
  const { dimensions } = points;
  const sums = ballSums(buildBallTree(points), options.bandwidth);
  const paths: Paths = new Map();
  const modes: Mode[] = [];
  for (let start = 0; start < seeds.length; start += dimensions) {
    const seed = seeds.slice(start, start + dimensions);
    const mode = climb(sums, seed, { ...options, paths });
    if (mode !== null) modes.push(mode);
  }
  return modes;
}

/**
 * Moves `centre` to the mean of the points in its ball until it rests. Null where there are none, and where it comes to a
 * place from which an earlier start went on: it would find the same mode.
 */
function climb(
  sums: BallSums,
  centre: Float64Array,
  { bandwidth, maxIterations, paths }: ClimbOptions & { readonly paths: Paths },
): Mode | null {
  const sum = new Float64Array(centre.length);
  const places: string[] = [];
  for (let iteration = 0; ; iteration += 1) {
    const intensity = sums(centre, sum);
    if (intensity === 0) return null;
    let square = 0;
    for (let j = 0; j < sum.length; j += 1) {
      const moved = sum[j]! / intensity;
      square += (moved - centre[j]!) ** 2;
      centre[j] = moved;
    }
    if (Math.sqrt(square) <= STOP * bandwidth) {
      places.forEach((place, at) => paths.set(place, places.length - at));
      return { centre, intensity };
    }
    if (iteration === maxIterations) return { centre, intensity };
    const place = placeOf(centre, bandwidth);
    const left = paths.get(place);
    if (left !== undefined && iteration + left <= maxIterations) return null;
    places.push(place);
  }
}

/** The same for positions that differ by rounding (sums taken in another order), so that equal paths are recognised. */
function placeOf(centre: Float64Array, bandwidth: number): string {
  return centre.map((x) => Math.round((x / bandwidth) * 1e9)).join();
}

/** The modes by descending intensity, ties by descending centre, without those within the bandwidth of an earlier one. */
function distinctModes(modes: Mode[], bandwidth: number, dimensions: number): Float64Array {
  const values = new Float64Array(modes.length * dimensions);
  modes.forEach(({ centre }, at) => values.set(centre, at * dimensions));
  const order = [...modes.keys()].sort(
    (a, b) => modes[b]!.intensity - modes[a]!.intensity || compareRows(values, dimensions, b, a),
  );
  const kept: number[] = [];
  for (const mode of order) {
    const point = { values, start: mode * dimensions };
    const limit = bandwidth * bandwidth;
    const isNear = (other: number): boolean =>
      squaredDistance(values, other * dimensions, point, dimensions) <= limit;
    if (!kept.some(isNear)) kept.push(mode);
  }
  return Float64Array.from(kept.flatMap((mode) => [...modes[mode]!.centre]));
}
