import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  boundedKMeans,
  boundedMeanShift,
  type Clustering,
  clusteringQuality,
  dbscan,
  kMeans,
  meanShift,
  mergeDuplicates,
  type Points,
} from './index.ts';
import { settle } from './settle.ts';
import { passRates } from './testing/pass-rates.ts';

const RADIUS = 0.3;

/** Every algorithm with options that make sense for pass rates in a few dimensions. */
const algorithms: readonly [string, (points: Points) => Clustering][] = [
  ['meanShift', (points) => meanShift(points, { bandwidth: RADIUS })],
  ['boundedMeanShift', (points) => boundedMeanShift(points, { radius: RADIUS, minimumSize: 3 })],
  ['dbscan', (points) => dbscan(points, { radius: 0.15, minimumNeighbours: 4 })],
  ['kMeans', (points) => kMeans(points, { clusters: 4, seed: 1 })],
  ['boundedKMeans', (points) => boundedKMeans(points, { radius: RADIUS, minimumSize: 3 })],
];
const bounded = algorithms.filter(([name]) => name.startsWith('bounded'));

/** Pass rates k/n: few samples, so rows repeat and distances tie. */
const rates: fc.Arbitrary<Points> = fc
  .record({
    dimensions: fc.integer({ min: 1, max: 4 }),
    samples: fc.constantFrom(2, 5, 20),
    items: fc.integer({ min: 4, max: 60 }),
    key: fc.nat(1000),
  })
  .map(({ key, ...shape }) => passRates(key, shape));

function items(points: Points): number {
  return points.values.length / points.dimensions;
}

function permuted(points: Points, order: readonly number[]): Points {
  const { values, dimensions } = points;
  const row = (item: number): Float64Array =>
    values.subarray(item * dimensions, (item + 1) * dimensions);
  return { values: Float64Array.from(order.flatMap((item) => [...row(item)])), dimensions };
}

function shuffle(count: number, seed: number): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  return order.sort((a, b) => ((a * 7919 + seed) % 61) - ((b * 7919 + seed) % 61) || b - a);
}

describe.each(algorithms)('%s', (_, cluster) => {
  test('labels every item, counts its members and puts the centre at their mean', () => {
    fc.assert(
      fc.property(rates, (points) => {
        const { labels, centres, sizes, clusters } = cluster(points);
        expect(labels).toHaveLength(items(points));
        expect(sizes).toHaveLength(clusters);
        expect(labels.every((label) => label >= -1 && label < clusters)).toBe(true);
        for (let at = 0; at < clusters; at += 1) {
          const members = [...labels.keys()].filter((item) => labels[item] === at);
          expect(sizes[at]).toBe(members.length);
          if (members.length === 0) continue;
          for (let j = 0; j < points.dimensions; j += 1) {
            const sum = members.reduce(
              (total, item) => total + points.values[item * points.dimensions + j]!,
              0,
            );
            expect(centres[at * points.dimensions + j]).toBeCloseTo(sum / members.length, 12);
          }
        }
      }),
    );
  });

  test('gives equal rows equal labels', () => {
    fc.assert(
      fc.property(rates, (points) => {
        const { labels } = cluster(points);
        const { groupOf } = mergeDuplicates(points);
        const byGroup = new Map<number, number>();
        groupOf.forEach((group, item) => {
          if (!byGroup.has(group)) byGroup.set(group, labels[item]!);
          expect(labels[item]).toBe(byGroup.get(group));
        });
      }),
    );
  });

  test('an empty input is an empty clustering', () => {
    expect(cluster({ values: new Float64Array(0), dimensions: 3 })).toMatchObject({
      labels: new Int32Array(0),
      centres: new Float64Array(0),
      sizes: new Int32Array(0),
      clusters: 0,
    });
  });
});

test('the order of the items changes nothing but the labels’ places', () => {
  // DBSCAN numbers clusters, and settles borders between them, by the order of the items, as scikit-learn does.
  for (const [name, cluster] of algorithms.filter(([each]) => each !== 'dbscan')) {
    fc.assert(
      fc.property(rates, fc.nat(60), (points, seed) => {
        const order = shuffle(items(points), seed);
        const plain = cluster(points);
        const mixed = cluster(permuted(points, order));
        expect([...mixed.labels], name).toEqual(order.map((item) => plain.labels[item]));
        expect(mixed.centres, name).toEqual(plain.centres);
      }),
      { numRuns: 50 },
    );
  }
});

test('dbscan finds the same core clusters in every order of the items', () => {
  fc.assert(
    fc.property(rates, fc.nat(60), (points, seed) => {
      const order = shuffle(items(points), seed);
      const options = { radius: 0.15, minimumNeighbours: 4 };
      const plain = dbscan(points, options);
      const mixed = dbscan(permuted(points, order), options);
      expect(mixed.clusters).toBe(plain.clusters);
      expect([...mixed.labels].map((label) => label < 0)).toEqual(
        order.map((item) => plain.labels[item]! < 0),
      );
    }),
  );
});

describe.each(bounded)('%s', (_, cluster) => {
  test('keeps members within the radius of the centre and clusters at the minimum size', () => {
    fc.assert(
      fc.property(rates, (points) => {
        const { labels, centres, sizes } = cluster(points);
        expect(sizes.every((size) => size >= 3)).toBe(true);
        expect([...sizes]).toEqual([...sizes].sort((a, b) => b - a));
        labels.forEach((label, item) => {
          if (label < 0) return;
          let square = 0;
          for (let j = 0; j < points.dimensions; j += 1) {
            const at = item * points.dimensions + j;
            square += (points.values[at]! - centres[label * points.dimensions + j]!) ** 2;
          }
          expect(Math.sqrt(square)).toBeLessThanOrEqual(RADIUS * (1 + 1e-12));
        });
      }),
    );
  });

  test('finds blobs that are farther apart than the bound, and leaves a stray item out', () => {
    const blob = (centre: number): number[][] =>
      Array.from({ length: 5 }, (_, at) => [centre + at / 100, centre]);
    const rows = [...blob(0), ...blob(0.7), ...blob(0.7), ...blob(1.4), [0, 1.4]];
    const points = { values: Float64Array.from(rows.flat()), dimensions: 2 };
    const { labels, sizes } = cluster(points);
    expect([...sizes]).toEqual([10, 5, 5]);
    expect(labels[rows.length - 1]).toBe(-1);
    expect(new Set(labels.slice(0, 5))).toEqual(new Set([1]));
    expect(new Set(labels.slice(5, 15))).toEqual(new Set([0]));
    expect(new Set(labels.slice(15, 20))).toEqual(new Set([2]));
  });
});

test('boundedMeanShift is tighter than mean shift of the same bandwidth and leaves little out', () => {
  const points = passRates('quality', { items: 600, dimensions: 6, samples: 100 });
  const radius = 0.15 * Math.sqrt(6);
  const plain = clusteringQuality(points, meanShift(points, { bandwidth: radius }));
  const tight = clusteringQuality(points, boundedMeanShift(points, { radius }));
  expect(tight.intraClusterDistance!).toBeLessThan(0.8 * plain.intraClusterDistance!);
  expect(tight.outlierRate).toBeLessThan(0.05);
});

test('settle dissolves a cluster below the minimum: who is within the radius of another joins it', () => {
  const points = {
    values: Float64Array.of(0.2, 0.39, 0.62),
    weights: Float64Array.of(12, 3, 1),
    dimensions: 1,
  };
  const centres = Float64Array.of(0.2, 0.45);
  const kept = settle(points, centres, { radius: 0.2, minimumSize: 4 });
  expect([...kept.labels]).toEqual([0, 1, 1]);
  const dissolved = settle(points, centres, { radius: 0.2, minimumSize: 10 });
  expect([...dissolved.labels]).toEqual([0, 0, -1]);
  expect(dissolved.centres[0]).toBeCloseTo((12 * 0.2 + 3 * 0.39) / 15, 15);
});

test('mergeDuplicates keeps the distinct rows in order and counts them', () => {
  const values = Float64Array.of(1, 0, 0, 1, 1, 0, 0, 0.5);
  expect(mergeDuplicates({ values, dimensions: 2 })).toEqual({
    points: { values: Float64Array.of(0, 0.5, 0, 1, 1, 0), dimensions: 2 },
    weights: Float64Array.of(1, 1, 2),
    groupOf: Int32Array.of(2, 1, 2, 0),
  });
});

test('clusteringQuality', () => {
  const points = { values: Float64Array.of(0, 1, 5), dimensions: 1 };
  const clustering = {
    labels: Int32Array.of(0, 0, -1),
    centres: Float64Array.of(0.5),
    sizes: Int32Array.of(2),
    clusters: 1,
  };
  const quality = clusteringQuality(points, clustering);
  expect(quality.intraClusterDistance).toBe(0.5);
  expect(quality.outlierRate).toBeCloseTo(1 / 3, 15);
  const none = { ...clustering, labels: Int32Array.of(-1, -1, -1) };
  expect(clusteringQuality(points, none)).toEqual({ intraClusterDistance: null, outlierRate: 1 });
});

test('meanShift without an item near any start has outliers alone', () => {
  const points = { values: Float64Array.of(0, 10), dimensions: 1 };
  const options = { bandwidth: 1, minBinFrequency: 2 };
  expect([...meanShift(points, options).labels]).toEqual([-1, -1]);
});

test('kMeans: another seed is another start, the same seed the same result', () => {
  const points = passRates('seeds', { items: 200, dimensions: 3, samples: 20 });
  const run = (seed: number): Float64Array => kMeans(points, { clusters: 8, seed }).centres;
  expect(run(1)).toEqual(run(1));
  expect(run(2)).not.toEqual(run(1));
});

test('kMeans has at most as many clusters as distinct rows', () => {
  const points = { values: Float64Array.of(1, 1, 0, 1), dimensions: 1 };
  expect([...kMeans(points, { clusters: 5 }).sizes].sort()).toEqual([1, 3]);
});

describe('bad input', () => {
  const points = { values: Float64Array.of(0, 1), dimensions: 1 };

  test.each<[string, () => unknown]>([
    [
      '`boundedMeanShift`: expected `radius` above 0, got -1',
      () => boundedMeanShift(points, { radius: -1 }),
    ],
    [
      '`boundedMeanShift`: expected `minimumSize` to be a whole number of at least 1, got 0.5',
      () => boundedMeanShift(points, { radius: 1, minimumSize: 0.5 }),
    ],
    [
      '`boundedKMeans`: expected `radius` above 0, got Infinity',
      () => boundedKMeans(points, { radius: Infinity }),
    ],
    [
      '`meanShift`: expected `bandwidth` above 0, got NaN',
      () => meanShift(points, { bandwidth: NaN }),
    ],
    [
      '`dbscan`: expected `minimumNeighbours` to be a whole number of at least 1, got 0',
      () => dbscan(points, { radius: 1, minimumNeighbours: 0 }),
    ],
    [
      '`kMeans`: expected `initial` of 2 × 1 values, got 3',
      () => kMeans(points, { clusters: 2, initial: new Float64Array(3) }),
    ],
    [
      '`kMeans`: expected `initial` to be finite, got NaN at index 1',
      () => kMeans(points, { clusters: 2, initial: Float64Array.of(0, NaN) }),
    ],
    [
      '`kMeans`: expected `tolerance` of at least 0, got -1',
      () => kMeans(points, { clusters: 2, tolerance: -1 }),
    ],
    [
      '`dbscan`: expected finite points, got NaN at item 1, dimension 1',
      () =>
        dbscan(
          { values: Float64Array.of(0, 1, 2, NaN), dimensions: 2 },
          { radius: 1, minimumNeighbours: 1 },
        ),
    ],
    [
      '`mergeDuplicates`: expected rows of 2 values, got 3 values',
      () => mergeDuplicates({ values: new Float64Array(3), dimensions: 2 }),
    ],
    [
      '`clusteringQuality`: expected labels of 2 items, got 0',
      () =>
        clusteringQuality(
          points,
          boundedMeanShift({ values: new Float64Array(0), dimensions: 1 }, { radius: 1 }),
        ),
    ],
  ])('%s', (message, work) => {
    expect(work).toThrow(new RangeError(message));
  });
});
