import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { dbscan, kMeans, meanShift, type Points } from './index.ts';

type Golden = {
  versions: Record<string, string>;
  sets: { samples: number; dimensions: number; counts: number[] }[];
  meanShift: {
    set: number;
    bandwidth: number;
    binSeeding: boolean;
    minBinFrequency: number;
    clusterAll: boolean;
    maxIterations: number;
    labels: number[];
    modes: number[];
  }[];
  dbscan: { set: number; radius: number; minimumNeighbours: number; labels: number[] }[];
  kMeans: {
    set: number;
    clusters: number;
    initial: number[];
    labels: number[];
    centres: number[];
  }[];
};

const golden = JSON.parse(
  readFileSync(new URL('../../../test/golden/clustering.json', import.meta.url), 'utf8'),
) as Golden;

function pointsOf(set: number): Points {
  const { counts, samples, dimensions } = golden.sets[set]!;
  return { values: Float64Array.from(counts, (count) => count / samples), dimensions };
}

/** Rounded to ten digits in the file; sums in another order differ by far less. */
function largestGap(a: Float64Array, b: number[]): number {
  return a.length === b.length ? a.reduce((gap, x, i) => Math.max(gap, Math.abs(x - b[i]!)), 0) : 1;
}

const versions = `scikit-learn ${golden.versions['scikit-learn'] ?? '?'}`;

describe(`as ${versions}`, () => {
  test.each(golden.meanShift.map((item, index) => [index, item] as const))(
    'meanShift, case %i',
    (_, { set, labels, modes, ...options }) => {
      const result = meanShift(pointsOf(set), options);
      expect([...result.labels]).toEqual(labels);
      expect(largestGap(result.modes, modes)).toBeLessThan(1e-9);
    },
  );

  test.each(golden.dbscan.map((item, index) => [index, item] as const))(
    'dbscan, case %i',
    (_, { set, labels, ...options }) => {
      expect([...dbscan(pointsOf(set), options).labels]).toEqual(labels);
    },
  );

  test.each(golden.kMeans.map((item, index) => [index, item] as const))(
    'kMeans, case %i',
    (_, { set, clusters, initial, labels, centres }) => {
      const result = kMeans(pointsOf(set), { clusters, initial: Float64Array.from(initial) });
      expect([...result.labels]).toEqual(labels);
      expect(largestGap(result.centres, centres)).toBeLessThan(1e-9);
    },
  );
});
