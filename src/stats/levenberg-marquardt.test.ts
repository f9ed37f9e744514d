import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  choleskyInPlace,
  choleskySolve,
  createLeastSquaresWorkspace,
  type LeastSquaresProblem,
  minimiseLeastSquares,
  randomStream,
} from './index.ts';

const free = (count: number, bound = Infinity) => ({
  parameterCount: count,
  lower: new Float64Array(count).fill(-bound),
  upper: new Float64Array(count).fill(bound),
});

/** Rosenbrock's valley: residuals 10 (y − x²) and 1 − x. */
const rosenbrock: LeastSquaresProblem = {
  ...free(2),
  residualCount: 2,
  evaluate: (p, r, j) => {
    r.set([10 * (p[1]! - p[0]! ** 2), 1 - p[0]!]);
    j.set([-20 * p[0]!, 10, -1, 0]);
  },
};

function linear(rows: number, columns: number, seed: number) {
  const random = randomStream('linear', rows, columns, seed);
  const matrix = Float64Array.from({ length: rows * columns }, () => random.normal());
  const right = Float64Array.from({ length: rows }, () => random.normal());
  const problem: LeastSquaresProblem = {
    ...free(columns),
    residualCount: rows,
    evaluate: (p, r, j) => {
      for (let i = 0; i < rows; i += 1) {
        r[i] = -right[i]!;
        for (let k = 0; k < columns; k += 1) r[i]! += matrix[i * columns + k]! * p[k]!;
      }
      j.set(matrix);
    },
  };
  return { problem, matrix, right };
}

describe('minimiseLeastSquares', () => {
  test('walks down the valley of Rosenbrock to (1, 1)', () => {
    const fit = minimiseLeastSquares(rosenbrock, [-1.2, 1]);
    expect(fit.converged).toBe(true);
    expect(fit.objective).toBeLessThan(1e-20);
    expect(Array.from(fit.parameters, (v) => Math.round(v * 1e9) / 1e9)).toEqual([1, 1]);
    expect(fit.iterations).toBeLessThan(40);
  });

  test('with a bound in the way ends on it, at the best of the rest', () => {
    const fit = minimiseLeastSquares({ ...rosenbrock, upper: Float64Array.of(0.5, 9) }, [-1.2, 1]);
    expect(fit.converged).toBe(true);
    expect(fit.parameters[0]).toBe(0.5);
    expect(fit.parameters[1]).toBeCloseTo(0.25, 8);
    expect(fit.objective).toBeCloseTo(0.25, 12);
    // The one free parameter has the variance 1 / 10²; the one on the bound has none.
    expect(Array.from(fit.covariance!)).toEqual([0, 0, 0, 0.01]);
  });

  test('solves linear problems as the normal equations do, with their inverse as covariance', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.integer(), (columns, seed) => {
        const rows = columns + 6;
        const { problem, matrix, right } = linear(rows, columns, seed);
        const fit = minimiseLeastSquares(problem, new Float64Array(columns).fill(3));
        expect(fit.converged).toBe(true);
        const normal = new Float64Array(columns * columns);
        const solution = new Float64Array(columns);
        for (let r = 0; r < rows; r += 1) {
          for (let i = 0; i < columns; i += 1) {
            solution[i]! += matrix[r * columns + i]! * right[r]!;
            for (let j = 0; j < columns; j += 1) {
              normal[i * columns + j]! += matrix[r * columns + i]! * matrix[r * columns + j]!;
            }
          }
        }
        const factor = Float64Array.from(normal);
        expect(choleskyInPlace(factor, columns)).toBe(true);
        choleskySolve(factor, columns, solution);
        // Stops at 1e-13 of the objective, which is the square of the parameters' error.
        solution.forEach((v, i) => expect(fit.parameters[i]! - v).toBeCloseTo(0, 5));
        for (let i = 0; i < columns; i += 1) {
          for (let j = 0; j < columns; j += 1) {
            let sum = 0;
            for (let k = 0; k < columns; k += 1) {
              sum += normal[i * columns + k]! * fit.covariance![k * columns + j]!;
            }
            expect(sum).toBeCloseTo(i === j ? 1 : 0, 8);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  test('never leaves the box and never rises, from anywhere', () => {
    const coordinate = fc.double({ min: -5, max: 5, noNaN: true });
    const point = fc.tuple(coordinate, coordinate);
    fc.assert(
      fc.property(point, point, point, ([x, y], [a, b], [c, d]) => {
        const lower = Float64Array.of(Math.min(a, c), Math.min(b, d));
        const upper = Float64Array.of(Math.max(a, c), Math.max(b, d));
        const fit = minimiseLeastSquares({ ...rosenbrock, lower, upper }, [x, y]);
        const residuals = new Float64Array(2);
        const inside = [x, y].map((v, i) => Math.min(upper[i]!, Math.max(lower[i]!, v)));
        rosenbrock.evaluate(Float64Array.from(inside), residuals, new Float64Array(4));
        expect(fit.objective).toBeLessThanOrEqual(residuals[0]! ** 2 + residuals[1]! ** 2);
        fit.parameters.forEach((v, i) => {
          expect(v).toBeGreaterThanOrEqual(lower[i]!);
          expect(v).toBeLessThanOrEqual(upper[i]!);
        });
      }),
    );
  });

  test('says that it did not converge, and keeps the best so far', () => {
    const fit = minimiseLeastSquares(rosenbrock, [-1.2, 1], { maxIterations: 3 });
    expect(fit).toMatchObject({ converged: false, stopReason: 'iterations', iterations: 3 });
    expect(fit.objective).toBeLessThan(24.2);
  });

  test('residuals that are not finite at the start give the start back, without NaN', () => {
    const broken: LeastSquaresProblem = { ...rosenbrock, evaluate: (_, r) => void r.fill(NaN) };
    expect(minimiseLeastSquares(broken, [2, 3])).toEqual({
      parameters: Float64Array.of(2, 3),
      objective: Infinity,
      converged: false,
      stopReason: 'not finite',
      iterations: 0,
      covariance: null,
    });
  });

  test('nor does a Jacobian that is not finite pass for a minimum', () => {
    const broken: LeastSquaresProblem = {
      ...rosenbrock,
      evaluate: (_, r, j) => {
        r.fill(1);
        j.fill(NaN);
      },
    };
    expect(minimiseLeastSquares(broken, [2, NaN])).toMatchObject({
      parameters: Float64Array.of(2, 0),
      objective: 2,
      converged: false,
      stopReason: 'not finite',
      covariance: null,
    });
  });

  test('steps into what is not finite are refused', () => {
    // ln p fitted to −2 from p = 1: the first full step would be at −1.
    const logarithm: LeastSquaresProblem = {
      ...free(1),
      residualCount: 1,
      evaluate: (p, r, j) => {
        r[0] = Math.log(p[0]!) + 2;
        j[0] = 1 / p[0]!;
      },
    };
    const fit = minimiseLeastSquares(logarithm, [1]);
    expect(fit.converged).toBe(true);
    expect(fit.parameters[0]).toBeCloseTo(Math.exp(-2), 9);
  });

  test('parameters that cannot be told apart have no covariance', () => {
    const sum: LeastSquaresProblem = {
      ...free(2),
      residualCount: 3,
      evaluate: (p, r, j) => {
        r.fill(p[0]! + p[1]! - 1);
        r[0]! += 0.5;
        j.fill(1);
      },
    };
    const fit = minimiseLeastSquares(sum, [0, 0]);
    expect(fit.converged).toBe(true);
    expect(fit.objective).toBeCloseTo(1 / 6, 12);
    expect(fit.covariance).toBeNull();
  });

  test('a workspace changes nothing, even one used for a larger problem before', () => {
    const workspace = createLeastSquaresWorkspace(6, 12);
    minimiseLeastSquares(linear(12, 6, 1).problem, new Float64Array(6), { workspace });
    const own = minimiseLeastSquares(rosenbrock, [-1.2, 1]);
    expect(minimiseLeastSquares(rosenbrock, [-1.2, 1], { workspace })).toEqual(own);
    const large = linear(30, 5, 2).problem;
    expect(minimiseLeastSquares(large, new Float64Array(5), { workspace })).toEqual(
      minimiseLeastSquares(large, new Float64Array(5)),
    );
  });

  test('a settled parameter is solved for at each step', () => {
    const settled: LeastSquaresProblem = {
      ...rosenbrock,
      settle: (p) => {
        p[1] = p[0]! ** 2;
      },
    };
    const fit = minimiseLeastSquares(settled, [-1.2, 1]);
    expect(fit.objective).toBeLessThan(1e-20);
    expect(fit.iterations).toBeLessThan(minimiseLeastSquares(rosenbrock, [-1.2, 1]).iterations);
  });

  test('with the curvature given the steps are those of Newton, the covariance is the same', () => {
    // Residuals p² − 1 and p + 3 cannot vanish together: Gauss–Newton nears their compromise by a constant factor.
    const compromise: LeastSquaresProblem = {
      ...free(1),
      residualCount: 2,
      evaluate: (p, r, j) => {
        r.set([p[0]! ** 2 - 1, p[0]! + 3]);
        j.set([2 * p[0]!, 1]);
      },
    };
    const plain = minimiseLeastSquares(compromise, [-3]);
    const newton = minimiseLeastSquares(
      {
        ...compromise,
        addCurvature: (_, r, hessian) => {
          hessian[0]! += 2 * r[0]!;
        },
      },
      [-3],
    );
    expect(newton.iterations).toBeLessThan(plain.iterations);
    expect(newton.parameters[0]).toBeCloseTo(plain.parameters[0]!, 6);
    expect(newton.covariance![0]).toBeCloseTo(1 / (4 * newton.parameters[0]! ** 2 + 1), 12);
  });
});
