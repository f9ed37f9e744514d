/** Where to start: the landscape over (ln a, ln b), g and k being the best for each; its valleys are the starts. */
import { LAW_BOUNDS } from './exponential-law.ts';
import { LAW_PARAMETERS } from './law-kernel.ts';
import {
  type LinearPart,
  shareMissing,
  solveLinearPart,
  solveWithoutCeiling,
  type WeightedPoints,
} from './law-linear-part.ts';
import type { LawPrior } from './law-prior.ts';
import type { LawProblem } from './law-problem.ts';

// The bounds are among the nodes: where the best law is a constant or a step, it lies there. For small a only a · K
// matters; from there on a doubles or so, because the rise moves along the ladder with a^(1/b).
const A_BETWEEN = [1e-3, 0.02, 0.08, 0.2, 0.4, 0.8, 1.5, 2.8, 5, 9, 17, 32, 60, 120, 240, 490];
const B_BETWEEN = [0.04, 0.1, 0.2, 0.35, 0.55, 0.85, 1.3, 1.9, 2.7, 3.7];
const { a: A, b: B } = LAW_BOUNDS;
const LOG_A = [A.lower, ...A_BETWEEN, A.upper].map(Math.log);
const LOG_B = [B.lower, ...B_BETWEEN, B.upper].map(Math.log);
const COLUMNS = LOG_A.length;
const ROWS = LOG_B.length;

// One landscape at a time: filled and read within one call of `lawStarts`.
const objectives = new Float64Array(ROWS * COLUMNS);
const thetas = new Float64Array(ROWS * COLUMNS * LAW_PARAMETERS);

export type LawStarts = {
  /** Valleys θ, the best first. */
  readonly valleys: readonly Float64Array[];
  /**
   * The best node with c = 0, for g free and no prior: there the landscape has valleys narrower than its grid, beside
   * wider ones of laws with a ceiling that start lower. null elsewhere.
   */
  readonly uncapped: Float64Array | null;
};

/** Up to `count` valleys, and the best node on the edge c = 0. */
export function lawStarts(problem: LawProblem, count: number): LawStarts {
  const uncapped = fillLandscape(problem);
  const valleys: number[] = [];
  for (let node = 0; node < objectives.length; node += 1) if (isValley(node)) valleys.push(node);
  valleys.sort((left, right) => objectives[left]! - objectives[right]! || left - right);
  const thetaAt = (node: number) =>
    thetas.slice(node * LAW_PARAMETERS, (node + 1) * LAW_PARAMETERS);
  return { valleys: valleys.slice(0, count).map(thetaAt), uncapped };
}

/** Not above any neighbour; of equal neighbours the first. */
function isValley(node: number): boolean {
  const row = Math.floor(node / COLUMNS);
  const column = node % COLUMNS;
  const here = objectives[node]!;
  for (let r = Math.max(0, row - 1); r <= Math.min(ROWS - 1, row + 1); r += 1) {
    for (let c = Math.max(0, column - 1); c <= Math.min(COLUMNS - 1, column + 1); c += 1) {
      const other = r * COLUMNS + c;
      const there = objectives[other]!;
      if (there < here || (there === here && other < node)) return false;
    }
  }
  return true;
}

/** Fills the landscape; returns `uncapped`. */
function fillLandscape(problem: LawProblem): Float64Array | null {
  const { points, logX, prior, part } = problem;
  const seeksEdge = prior === null && part.least < part.most;
  const uncapped = new Float64Array(LAW_PARAMETERS);
  let least = Infinity;
  const observed = prior === null ? problem : withGuess(problem, prior);
  const power = new Float64Array(points);
  // The guessing rate itself is what a model far below the ladder would score: there all is missing.
  const q = new Float64Array(observed.points).fill(1);
  for (let row = 0; row < ROWS; row += 1) {
    const b = Math.exp(LOG_B[row]!);
    for (let i = 0; i < points; i += 1) power[i] = Math.exp(-b * logX[i]!);
    for (let column = 0; column < COLUMNS; column += 1) {
      const a = Math.exp(LOG_A[column]!);
      for (let i = 0; i < points; i += 1) q[i] = shareMissing(a * power[i]!);
      solveLinearPart(part, observed, q);
      keepNode(row * COLUMNS + column, part, prior);
      if (!seeksEdge) continue;
      solveWithoutCeiling(part);
      if (part.objective >= least) continue;
      least = part.objective;
      uncapped.set([part.g, LOG_A[column]!, b, 1]);
    }
  }
  return least < Infinity ? uncapped : null;
}

function keepNode(node: number, { g, k, objective }: LinearPart, prior: LawPrior | null): void {
  const logA = LOG_A[node % COLUMNS]!;
  const logB = LOG_B[Math.floor(node / COLUMNS)]!;
  const at = node * LAW_PARAMETERS;
  thetas[at] = g;
  thetas[at + 1] = logA;
  thetas[at + 2] = Math.exp(logB);
  thetas[at + 3] = k;
  objectives[node] = objective;
  if (prior === null) return;
  objectives[node] +=
    ((logA - prior.logA.mean) / prior.logA.sd) ** 2 +
    ((logB - prior.logB.mean) / prior.logB.sd) ** 2 +
    ((-Math.log(k) - prior.c.mean) / prior.c.sd) ** 2;
}

function withGuess({ points, y, weights }: WeightedPoints, { g }: LawPrior): WeightedPoints {
  return {
    points: points + 1,
    y: Float64Array.of(...y, g.mean),
    weights: Float64Array.of(...weights, 1 / g.sd ** 2),
  };
}
