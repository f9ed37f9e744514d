import { columnArrows } from './column-arrows.ts';
import { conjugateDirection, type Direction } from './conjugate-direction.ts';
import { factoriseCurvature, type Solve } from './curvature-factor.ts';
import type { Kernel } from './kernel.ts';
import type { Point } from './line-search.ts';
import { slopeAt } from './slope.ts';
import { columnSquares, type LogisticProblem } from './task-blocks.ts';

/** From this many products on that a factorisation costs, conjugate gradients are tried without one. */
const COSTLY = 30;

/** Share of the objective that a step promises from which on the slope's sums are in float64. */
const NEAR = 1e-5;

/** Products that a fresh factorisation may take to the solution: one or two do, unless float32 is not enough for it. */
const FRESH_PRODUCTS = 10;

/**
 * Finds Newton's direction at one point after another. Where a factorised curvature costs much (wide features of few
 * tasks) conjugate gradients do without; else, or where these take as long as a factorisation, they are led by the
 * factors of an earlier point, until these are too old.
 */
export function newtonDirections(
  problem: LogisticProblem,
  kernel: Kernel,
): (point: Point, enough: number) => Promise<Direction> {
  const cost = productsPerFactorisation(problem);
  const squares =
    cost < COSTLY ? null : problem.blocks.map((block) => columnSquares(block, problem.size));
  let factors: Solve | null = null;
  let near = false;
  const find = async ({ weights, objective }: Point, enough: number): Promise<Direction> => {
    const slope = await slopeAt(problem, weights, near ? null : kernel);
    const conjugate = (precondition: Solve, products: number) =>
      conjugateDirection(problem, slope, { objective, enough, products }, { precondition, kernel });
    const found =
      factors !== null
        ? await conjugate(factors, Math.max(4, cost / 2))
        : squares !== null
          ? await conjugate(
              columnArrows(problem, slope.curvature, squares),
              Math.max(COSTLY, cost / 4),
            )
          : null;
    if (found !== null) return found;
    factors = await factoriseCurvature(problem, slope.curvature, kernel);
    return (await conjugate(factors, FRESH_PRODUCTS)) ?? straight(slope.gradient, factors);
  };
  return async (point, enough) => {
    const rough = !near;
    const found = await find(point, enough);
    const little = NEAR * (1 + point.objective);
    near ||= found.decrease <= little;
    // That so little is left to gain is for the exact slope to say.
    return rough && enough < little && found.decrease <= enough ? find(point, enough) : found;
  };
}

function straight(gradient: Float64Array, factors: Solve): Direction {
  const step = factors(gradient.map((value) => -value));
  return { step, decrease: -step.reduce((sum, value, i) => sum + value * gradient[i]!, 0) };
}

/**
 * What a factorisation costs, in products of the curvature with a vector. Counted are multiplications, in the runtime
 * (0.015 ns, with a vector 0.05 ns) and in loops (0.7 ns), copies (3 ns a number) and 10 µs a call: measured on two cores,
 * alike elsewhere.
 */
function productsPerFactorisation({ blocks, size, shared, deviation }: LogisticProblem): number {
  const columns = deviation.filter(Number.isFinite).length;
  let [product, factorisation] = [0, shared === null ? 0 : (0.7 * size ** 3) / 6];
  for (const { rows } of blocks) {
    product += 10_000 + 0.05 * 2 * rows * size;
    factorisation += 0.015 * rows * size ** 2 + 3 * size ** 2 + (0.7 * columns ** 3) / 6;
    if (shared !== null) factorisation += 0.35 * columns ** 2 * size;
  }
  return factorisation / product;
}
