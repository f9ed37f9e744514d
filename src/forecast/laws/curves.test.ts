import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bestLine } from './best-line.ts';
import {
  evaluateLaw,
  evaluateSigmoid,
  fitBrokenLaw,
  fitLadderLoss,
  fitLogAccuracyLaw,
  fitLossLaw,
  fitLossToAccuracy,
  fitSigmoid,
  weakSigmoidPrior,
} from './index.ts';

type Case = {
  x: number[];
  y: number[];
  weights: number[];
  parameters: number[];
  objective: number;
  chance: number;
  guess: 'fixed' | 'free';
};

const golden = JSON.parse(
  readFileSync(new URL('../../../test/golden/laws.json', import.meta.url), 'utf8'),
) as Record<'sigmoid' | 'logAccuracy' | 'broken' | 'loss', Case[]> & {
  ladderLoss: (Omit<Case, 'x'> & { x: [number[], number[]] })[];
};

const dataOf = ({ x, y, weights }: Pick<Case, 'x' | 'y' | 'weights'>) => ({
  x: Float64Array.from(x),
  y: Float64Array.from(y),
  weights: Float64Array.from(weights),
});

/** No worse than scipy's best of eight starts, but for rounding. */
const reached = (fit: { converged: boolean; objective: number }, scipy: number) => {
  expect(fit.converged).toBe(true);
  expect(fit.objective).toBeLessThanOrEqual(scipy * (1 + 1e-6) + 1e-12);
};

const unit = fc.double({ min: 0, max: 1, noNaN: true });
/** Ladders of random accuracies over up to four decades. */
const ladders = fc
  .array(fc.tuple(fc.double({ min: 1, max: 1e4, noNaN: true }), unit), {
    minLength: 0,
    maxLength: 10,
  })
  .map((points) => ({
    x: Float64Array.from(points, ([x]) => x),
    y: Float64Array.from(points, ([, y]) => y),
    weights: Float64Array.from(points, () => 1),
  }));

const positions = [-3, -1, 0, 0.5, 1, 2, 4, 8, 12, 20];
const neverFalls = (values: number[]) => {
  expect(values.every(Number.isFinite)).toBe(true);
  for (let i = 1; i < values.length; i += 1) {
    expect(values[i]!).toBeGreaterThanOrEqual(values[i - 1]! - 1e-12);
  }
};

describe('fitSigmoid', () => {
  test("reaches scipy's optimum or beats it", () => {
    for (const c of golden.sigmoid) {
      const { x: axis, y, weights } = dataOf(c);
      reached(fitSigmoid({ axis, y, weights }, c), c.objective);
    }
  });

  test('finds a sigmoid again, in whatever unit the axis is', () => {
    const truth = { lo: 0.25, hi: 0.9, slope: 0.02, centre: 450 };
    const axis = Float64Array.from({ length: 9 }, (_, i) => 100 * i);
    const y = axis.map((z) => evaluateSigmoid(truth, z));
    const fit = fitSigmoid({ axis, y, weights: y.map(() => 1) }, { chance: 0.25, guess: 'fixed' });
    expect(fit.objective).toBeLessThan(1e-18);
    expect(fit.parameters.centre).toBeCloseTo(450, 4);
    expect(fit.parameters.slope).toBeCloseTo(0.02, 8);
    expect(fit.predict(450)).toBeCloseTo(0.575, 7);
  });

  test('never falls, and keeps between its ends', () => {
    fc.assert(
      fc.property(ladders, fc.boolean(), ({ x, y, weights }, prior) => {
        const fit = fitSigmoid(
          { axis: x.map(Math.log), y, weights },
          { chance: 0.1, guess: 'free', prior: prior ? weakSigmoidPrior(0.1) : null },
        );
        neverFalls(positions.map(fit.predict));
        expect(fit.parameters.lo).toBeGreaterThanOrEqual(0);
        expect(fit.parameters.hi).toBeLessThanOrEqual(1 + 1e-12);
      }),
    );
  });

  test('from its own optimum as the start it stays there', () => {
    const c = golden.sigmoid[0]!;
    const { x: axis, y, weights } = dataOf(c);
    const cold = fitSigmoid({ axis, y, weights }, c);
    const warm = fitSigmoid({ axis, y, weights }, { ...c, start: cold.parameters });
    expect(warm.objective).toBeCloseTo(cold.objective, 9);
  });
});

describe('fitLogAccuracyLaw', () => {
  test("reaches scipy's optimum or beats it", () => {
    for (const c of golden.logAccuracy) {
      const fit = fitLogAccuracyLaw(dataOf(c), c);
      reached(fit, c.objective);
      const { scale, exponent } = fit.parameters;
      // Two parameters on four points and more leave no flat valley.
      expect(scale).toBeCloseTo(c.parameters[0]!, 4);
      expect(exponent).toBeCloseTo(c.parameters[1]!, 4);
      expect(fit.predict(2)).toBeCloseTo(
        evaluateLaw({ g: c.chance, a: scale, b: exponent, c: 0 }, Math.exp(2)),
        14,
      );
    }
  });

  test('lifts what is below the floor', () => {
    const data = dataOf({ x: [1, 10, 100], y: [0.1, 0.3, 0.6], weights: [1, 1, 1] });
    const lifted = { ...data, y: Float64Array.of(0.28, 0.3, 0.6) };
    expect(fitLogAccuracyLaw(data, { chance: 0.2, floor: 0.1 }).parameters).toEqual(
      fitLogAccuracyLaw(lifted, { chance: 0.2 }).parameters,
    );
  });

  test('never falls and keeps to [chance, 1]', () => {
    fc.assert(
      fc.property(ladders, (data) => {
        const fit = fitLogAccuracyLaw(data, { chance: 0.2 });
        const values = positions.map(fit.predict);
        neverFalls(values);
        expect(values[0]).toBeGreaterThanOrEqual(0.2);
        expect(values.at(-1)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('fitBrokenLaw', () => {
  test("reaches scipy's optimum or beats it", () => {
    for (const c of golden.broken) reached(fitBrokenLaw(dataOf(c)), c.objective);
  });

  test('never falls and keeps to [0, 1]', () => {
    fc.assert(
      fc.property(ladders, (data) => {
        const values = positions.map(fitBrokenLaw(data).predict);
        neverFalls(values);
        expect(values[0]).toBeGreaterThanOrEqual(0);
        expect(values.at(-1)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 30 },
    );
  });
});

describe('losses', () => {
  test("fitLossLaw reaches scipy's optimum or beats it", () => {
    for (const c of golden.loss) {
      const fit = fitLossLaw(dataOf(c));
      reached(fit, c.objective);
      const { floor, scale, exponent } = fit.parameters;
      expect(fit.predict(Math.log(c.x.at(-1)!))).toBeCloseTo(
        floor + scale * c.x.at(-1)! ** -exponent,
        12,
      );
    }
  });

  test("fitLadderLoss reaches scipy's optimum or beats it", () => {
    for (const c of golden.ladderLoss) {
      const [parameters, tokens] = c.x.map((values) => Float64Array.from(values));
      const fit = fitLadderLoss({
        parameters: parameters!,
        tokens: tokens!,
        loss: Float64Array.from(c.y),
        weights: Float64Array.from(c.weights),
      });
      reached(fit, c.objective);
      const [more, less] = [
        { parameters: 20, tokens: 20 },
        { parameters: 20, tokens: 3 },
      ];
      expect(fit.predict(more)).toBeLessThanOrEqual(fit.predict(less));
    }
  });

  describe('fitLadderLoss on an axis that all models share', () => {
    const axis = Float64Array.of(1, 2, 4, 8);
    const same = new Float64Array(4).fill(1);
    const loss = axis.map((x) => 0.6 + 0.9 * x ** -0.4);
    const weights = same;

    test('fits the term of tokens alone where N is constant', () => {
      const fit = fitLadderLoss({ parameters: same, tokens: axis, loss, weights });
      expect(fit).toMatchObject({ converged: true, reason: null });
      expect(fit.parameters).toMatchObject({ parameterScale: 0 });
      expect(fit.parameters.tokenExponent).toBeCloseTo(0.4, 5);
      expect(fit.predict({ parameters: 1, tokens: 30 })).toBeCloseTo(0.6 + 0.9 * 30 ** -0.4, 6);
      const { parameters: start } = fit;
      const warm = fitLadderLoss({ parameters: same, tokens: axis, loss, weights }, { start });
      expect(warm.objective).toBeLessThan(1e-16);
    });

    test('fits the term of parameters alone where D is constant, a point of no weight aside', () => {
      const fit = fitLadderLoss({
        parameters: Float64Array.of(...axis, 16),
        tokens: Float64Array.of(...same, 7),
        loss: Float64Array.of(...loss, 5),
        weights: Float64Array.of(...weights, 0),
      });
      expect(fit).toMatchObject({ converged: true, reason: null });
      expect(fit.parameters).toMatchObject({ tokenScale: 0 });
      expect(fit.predict({ parameters: 30, tokens: 1 })).toBeCloseTo(0.6 + 0.9 * 30 ** -0.4, 6);
    });

    test('gives the mean and the reason where neither differs, or points are too few', () => {
      const reasons = [
        fitLadderLoss({ parameters: same, tokens: same, loss, weights }),
        fitLadderLoss({ parameters: axis, tokens: axis, loss, weights }),
        fitLadderLoss({
          parameters: axis.slice(0, 2),
          tokens: same.slice(0, 2),
          loss: loss.slice(0, 2),
          weights: weights.slice(0, 2),
        }),
      ].map(({ converged, reason }) => ({ converged, reason }));
      expect(reasons).toEqual([
        { converged: false, reason: 'all points have the same parameters and tokens' },
        { converged: false, reason: '4 points, the curve needs 5' },
        { converged: false, reason: '2 points, the curve needs 3' },
      ]);
    });
  });

  test('a loss never rises with compute', () => {
    fc.assert(
      fc.property(ladders, (data) => {
        neverFalls(positions.map((at) => -fitLossLaw(data).predict(at)));
      }),
      { numRuns: 50 },
    );
  });

  test('fitLossToAccuracy is the sigmoid of the task ladder: a < 0 over the loss', () => {
    const [a, b, k, middle] = [-0.6, 0.85, 8, 1.1];
    const loss = Float64Array.from({ length: 10 }, (_, i) => 0.6 + 0.1 * i);
    const y = loss.map((l) => a / (1 + Math.exp(-k * (l - middle))) + b);
    const weights = y.map(() => 1);
    const fit = fitLossToAccuracy({ loss, y, weights }, { chance: 0.25, guess: 'fixed' });
    expect(fit.objective).toBeLessThan(1e-16);
    expect(fit.parameters.a).toBeCloseTo(a, 6);
    expect(fit.parameters.b).toBeCloseTo(b, 6);
    expect(fit.parameters.k).toBeCloseTo(k, 5);
    expect(fit.parameters.lossMiddle).toBeCloseTo(middle, 6);
    expect(fit.predict(0.2)).toBeGreaterThan(fit.predict(1.6));
    const { parameters: start } = fit;
    const warm = fitLossToAccuracy({ loss, y, weights }, { chance: 0.25, guess: 'fixed', start });
    expect(warm.objective).toBeLessThan(1e-16);
  });
});

describe('data that no curve can be fitted to', () => {
  const two = {
    x: Float64Array.of(1, 1),
    y: Float64Array.of(0.4, 0.6),
    weights: Float64Array.of(1, 1),
  };

  test('give their best constant and the reason', () => {
    const axis = { axis: two.x, y: two.y, weights: two.weights };
    const fits = [
      fitSigmoid(axis, { chance: 0, guess: 'fixed' }),
      fitLogAccuracyLaw(two, { chance: 0 }),
      fitBrokenLaw(two),
      fitLossLaw(two),
      fitLossToAccuracy(
        { loss: two.x, y: two.y, weights: two.weights },
        { chance: 0, guess: 'free' },
      ),
    ];
    expect(fits.map(({ reason }) => reason)).toEqual([
      '2 points, the curve needs 3',
      'all points have the same position',
      '2 points, the curve needs 3',
      '2 points, the curve needs 3',
      '2 points, the curve needs 3',
    ]);
    for (const fit of fits) {
      expect(fit.converged).toBe(false);
      expect(fit.objective).toBeCloseTo(0.02, 12);
      expect(fit.predict(3)).toBeCloseTo(0.5, 12);
    }
  });

  test('of which nothing is finite still give numbers', () => {
    const none = { x: Float64Array.of(1, 2, 3), y: new Float64Array(3).fill(NaN), weights: two.x };
    const axis = { axis: none.x, y: none.y, weights: none.weights };
    const ladder = { parameters: none.x, tokens: none.x, loss: none.y, weights: none.weights };
    const values = [
      fitSigmoid(axis, { chance: 0.25, guess: 'fixed' }).predict(2),
      fitLogAccuracyLaw(none, { chance: 0.25 }).predict(2),
      fitBrokenLaw(none).predict(2),
      fitLossLaw(none).predict(2),
      fitLadderLoss(ladder).predict({ parameters: 2, tokens: 2 }),
    ];
    expect(values[0]).toBe(0.25);
    expect(values.every(Number.isFinite)).toBe(true);
  });
});

describe('bestLine', () => {
  test('no point of the box is better', () => {
    const box = { offset: [0, 1] as const, scale: [0, 2] as const };
    const column = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), {
      minLength: 4,
      maxLength: 4,
    });
    fc.assert(
      fc.property(column, column, unit, unit, (s, y, u, v) => {
        const points = { y: Float64Array.from(y), weights: Float64Array.of(1, 2, 1, 3) };
        const loss = (offset: number, scale: number) =>
          s.reduce(
            (sum, at, i) => sum + points.weights[i]! * (y[i]! - offset - scale * at) ** 2,
            0,
          );
        const best = bestLine(Float64Array.from(s), points, box);
        expect(loss(best.offset, best.scale)).toBeLessThanOrEqual(loss(u, 2 * v) + 1e-9);
      }),
    );
  });
});
