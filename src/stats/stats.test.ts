import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  brierScore,
  choleskyInPlace,
  choleskySolve,
  clusterBootstrap,
  forwardSolve,
  keyedUniform,
  levelError,
  mean,
  meanOfKnown,
  meanSquaredError,
  oracleAuroc,
  principalComponents,
  randomStream,
  rankingSkill,
  softAuroc,
  studentQuantile,
} from './index.ts';
import { incompleteBeta, logGamma, studentCdf } from './distributions.ts';
import { quantile } from './intervals.ts';
import { symmetricEigen } from './linear-algebra.ts';

type Golden = {
  auroc: {
    scores: number[];
    rates: number[];
    weights: number[];
    auroc: number;
    weighted: number;
    oracle: number;
  }[];
  student: [number, number, number][];
  beta: [number, number, number, number][];
  quantile: { values: number[]; expected: [number, number][] };
};

const golden = JSON.parse(
  readFileSync(new URL('../../test/golden/stats.json', import.meta.url), 'utf8'),
) as Golden;

const close = (actual: number | null, expected: number, relative = 1e-12) => {
  expect(Math.abs((actual ?? NaN) - expected)).toBeLessThanOrEqual(
    relative * (1 + Math.abs(expected)),
  );
};

const rates = fc.array(fc.integer({ min: 0, max: 10 }), { minLength: 2, maxLength: 40 });

describe('softAuroc', () => {
  test('equals roc_auc_score on items written twice with sample weights', () => {
    for (const c of golden.auroc) {
      close(softAuroc(c.scores, c.rates), c.auroc);
      close(softAuroc(c.scores, c.rates, c.weights), c.weighted);
      close(oracleAuroc(c.rates), c.oracle);
    }
  });

  test('is what counting all pairs gives, and does not change under a monotone map or another order', () => {
    fc.assert(
      fc.property(rates, fc.infiniteStream(fc.integer({ min: -3, max: 3 })), (tenths, stream) => {
        const r = tenths.map((value) => value / 10);
        const scores = r.map(() => Number(stream.next().value));
        let wins = 0;
        let pairs = 0;
        r.forEach((a, i) =>
          r.forEach((b, j) => {
            const tie = scores[i] === scores[j] ? 0.5 : 0;
            wins += a * (1 - b) * (scores[i]! > scores[j]! ? 1 : tie);
            pairs += a * (1 - b);
          }),
        );
        const value = softAuroc(scores, r);
        if (pairs === 0) expect(value).toBeNull();
        else close(value, wins / pairs);
        expect(
          softAuroc(
            scores.map((s) => Math.exp(s)),
            r,
          ),
        ).toBe(value);
        if (value !== null) {
          close(
            softAuroc(
              scores.map((s) => -s),
              r,
            ),
            1 - value,
          );
          close(softAuroc([...scores].reverse(), [...r].reverse()), value);
        }
      }),
    );
  });

  test('constant scores are worth one half, rates of one kind nothing', () => {
    expect(softAuroc([1, 1, 1], [0.2, 0.9, 0.4])).toBe(0.5);
    expect(softAuroc([1, 2], [0, 0])).toBeNull();
    expect(softAuroc([], [])).toBeNull();
    expect(() => softAuroc([0.1, NaN], [0, 1])).toThrow(
      'softAuroc: expected numbers, got NaN at 1',
    );
    expect(() => oracleAuroc([NaN, 1])).toThrow('softAuroc: expected numbers, got NaN at 0');
    expect(rankingSkill(0.75, 1)).toBe(0.5);
    expect([rankingSkill(0.75, 0.5), rankingSkill(null, 1)]).toEqual([null, null]);
  });
});

describe('scores', () => {
  test('means, errors and the noise of single answers', () => {
    expect(meanSquaredError([0.5, 1], [0.5, 0.5])).toBe(0.125);
    expect(brierScore([0.5, 1], [0.5, 0.5])).toBe(0.375);
    expect(levelError([0.5, 1], [0.5, 0.5])).toBe(0.25);
    expect(meanOfKnown([1, null, 3])).toBe(2);
    expect([
      mean([]),
      meanOfKnown([null]),
      meanSquaredError([], []),
      brierScore([], []),
      levelError([], []),
    ]).toEqual([null, null, null, null, null]);
  });
});

describe('distributions', () => {
  test('quantiles equal scipy', () => {
    for (const [p, degrees, x] of golden.student) close(studentQuantile(p, degrees), x, 1e-10);
    for (const [a, b, x, value] of golden.beta) close(incompleteBeta(a, b, x), value, 1e-12);
    for (const [q, x] of golden.quantile.expected) close(quantile(golden.quantile.values, q), x);
  });

  test('the quantile undoes the distribution function', () => {
    const p = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true });
    fc.assert(
      fc.property(p, fc.double({ min: 0.8, max: 300, noNaN: true }), (share, degrees) => {
        close(studentCdf(studentQuantile(share, degrees), degrees), share, 1e-9);
      }),
    );
  });

  test('edges', () => {
    expect(studentQuantile(1, 3)).toBe(Infinity);
    expect(quantile([], 0.5)).toBeNull();
    close(logGamma(0.5), Math.log(Math.sqrt(Math.PI)));
    expect(() => studentQuantile(1.5, 3)).toThrow(
      'studentQuantile: expected `p` from 0 to 1, got 1.5',
    );
    expect(() => studentQuantile(0.5, 0)).toThrow(
      'studentQuantile: expected `degrees` above 0, got 0',
    );
  });
});

describe('random streams', () => {
  test('belong to their key alone', () => {
    const draws = (...key: (string | number)[]) => {
      const stream = randomStream(...key);
      return [stream.uniform(), stream.integer(1000), stream.normal()];
    };
    expect(draws('a', 1)).toEqual(draws('a', 1));
    expect(draws('a', 'bc')).not.toEqual(draws('ab', 'c'));
    expect(keyedUniform('x', 1)).toBe(keyedUniform('x', 1));
    const values = Array.from({ length: 4000 }, (_, i) => keyedUniform('u', i));
    expect(Math.abs(mean(values)! - 0.5)).toBeLessThan(0.02);
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
  });

  test('normal draws have mean 0 and variance 1', () => {
    const stream = randomStream('normal');
    const draws = Array.from({ length: 20_000 }, () => stream.normal());
    expect(Math.abs(mean(draws)!)).toBeLessThan(0.03);
    expect(Math.abs(mean(draws.map((x) => x * x))! - 1)).toBeLessThan(0.05);
  });
});

describe('clusterBootstrap', () => {
  const values = Array.from({ length: 200 }, (_, i) => Math.sin(i * 12.9898) * 2);
  const statistic = (weights: Float64Array) => {
    const total = weights.reduce((sum, w) => sum + w, 0);
    return weights.reduce((sum, w, i) => sum + w * values[i]!, 0) / total;
  };

  test('gives the standard error of a mean, and repeats itself', () => {
    const clusters = values.map((_, i) => i);
    const result = clusterBootstrap(clusters, statistic, { resamples: 2000, seed: 1 })!;
    const centre = mean(values)!;
    const expected = Math.sqrt(mean(values.map((v) => (v - centre) ** 2))! / values.length);
    expect(result.estimate).toBeCloseTo(centre, 12);
    expect(Math.abs(result.standardError / expected - 1)).toBeLessThan(0.06);
    expect(Math.abs((result.high - result.low) / (3.92 * expected) - 1)).toBeLessThan(0.08);
    expect(clusterBootstrap(clusters, statistic, { resamples: 2000, seed: 1 })).toEqual(result);
  });

  test('draws whole clusters, within strata', () => {
    const seen: number[][] = [];
    clusterBootstrap(
      [7, 7, 8, 9, 9],
      (weights) => {
        seen.push([...weights]);
        return 0;
      },
      { resamples: 50, seed: 2, strata: [0, 0, 0, 1, 1] },
    );
    for (const [a, b, c, d, e] of seen) {
      expect([a, d]).toEqual([b, e]);
      expect([a! + c!, d]).toEqual([2, 1]);
    }
    expect(clusterBootstrap([0], () => null, { seed: 1 })).toBeNull();
  });
});

/** A symmetric positive definite matrix of a known spectrum's shape. */
function positive(n: number, decay: number, key: string): Float64Array {
  const stream = randomStream(key);
  const b = Float64Array.from({ length: n * n }, () => stream.normal());
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j < n; j += 1) {
      for (let k = 0; k < n; k += 1) a[i * n + j]! += b[i * n + k]! * b[j * n + k]! * decay ** k;
    }
  }
  return a;
}

describe('linear algebra', () => {
  test.each([1, 2, 3, 4, 5, 9, 30])('Cholesky solves a system of %i', (n) => {
    const a = positive(n, 0.99, `spd ${n}`);
    for (let i = 0; i < n; i += 1) a[i * n + i]! += 1;
    const x = Float64Array.from({ length: n }, (_, i) => i - 1.5);
    const b = new Float64Array(n);
    for (let i = 0; i < n; i += 1) for (let j = 0; j < n; j += 1) b[i]! += a[i * n + j]! * x[j]!;
    const [forward, right] = [b.slice(), b.slice()];
    expect(choleskyInPlace(a, n)).toBe(true);
    forwardSolve(a, n, { values: forward, columns: 1 });
    choleskySolve(a, n, b);
    b.forEach((value, i) => close(value, x[i]!, 1e-9));
    // |L⁻¹ b|² = bᵀ A⁻¹ b.
    close(
      forward.reduce((sum, value) => sum + value * value, 0),
      right.reduce((sum, value, i) => sum + value * x[i]!, 0),
      1e-9,
    );
  });

  test('says when a matrix is not positive definite', () => {
    expect(choleskyInPlace(Float64Array.of(1, 2, 2, 1), 2)).toBe(false);
  });

  test.each([1, 2, 7, 40])('eigenvectors rebuild a symmetric matrix of %i', (n) => {
    const a = positive(n, 0.8, `eigen ${n}`);
    const { values, vectors } = symmetricEigen(a, n);
    for (let i = 0; i < n; i += 1) {
      for (let j = 0; j < n; j += 1) {
        let rebuilt = 0;
        let unit = 0;
        for (let k = 0; k < n; k += 1) {
          rebuilt += values[k]! * vectors[i * n + k]! * vectors[j * n + k]!;
          unit += vectors[k * n + i]! * vectors[k * n + j]!;
        }
        close(rebuilt, a[i * n + j]!, 1e-10);
        close(unit, i === j ? 1 : 0, 1e-10);
      }
    }
    expect([...values]).toEqual([...values].sort((x, y) => y - x));
  });

  test('a diagonal matrix with equal entries keeps its eigenvalues', () => {
    expect([...symmetricEigen(Float64Array.of(2, 0, 0, 0, 2, 0, 0, 0, 2), 3).values]).toEqual([
      2, 2, 2,
    ]);
  });

  test('subspace iteration finds the leading eigenvalues of a large matrix', async () => {
    const n = 220;
    const a = positive(n, 0.93, 'large');
    const direct = symmetricEigen(a, n);
    const { values, vectors } = await principalComponents(a, n, { count: 12 });
    values.forEach((value, i) => close(value, direct.values[i]!, 1e-6));
    for (let j = 0; j < 3; j += 1) {
      let dot = 0;
      for (let i = 0; i < n; i += 1) dot += vectors[i * 12 + j]! * direct.vectors[i * n + j]!;
      close(Math.abs(dot), 1, 1e-4);
    }
  });

  test('a matrix of low rank has components too', async () => {
    const n = 200;
    const a = new Float64Array(n * n);
    for (let i = 0; i < n; i += 1) for (let j = 0; j < n; j += 1) a[i * n + j] = (i + 1) * (j + 1);
    const { values, vectors } = await principalComponents(a, n, { count: 3 });
    close(values[0]!, (n * (n + 1) * (2 * n + 1)) / 6, 1e-9);
    expect(values[1]! / values[0]!).toBeLessThan(1e-9);
    expect(vectors.every(Number.isFinite)).toBe(true);
  });
});
