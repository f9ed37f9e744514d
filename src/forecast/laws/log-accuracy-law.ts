/**
 * A power law on log accuracy (arXiv 2512.08894): −ln z = A x^−α for the accuracy above chance z = (y − g) / (1 − g),
 * x = C / C_min. It is the exponential law without a ceiling; fitted in accuracy, where the noise is known.
 */
import { clamp } from './clamp.ts';
import {
  bestStarts,
  type CurveFit,
  type CurveShape,
  descendCurve,
  descentReason,
} from './curve-fit.ts';
import { evaluateLaw, LAW_BOUNDS } from './exponential-law.ts';
import { constantObjective, usableMean, whyUnfittable } from './fittable.ts';
import type { LawData } from './law-problem.ts';

export type LogAccuracyParameters = {
  /** A, −ln z at x = 1, in the bounds of the exponential law's a. */
  readonly scale: number;
  /** α, in the bounds of the exponential law's b. */
  readonly exponent: number;
};

export type LogAccuracyOptions = {
  /** g, in [0, 1). */
  readonly chance: number;
  /** Least z that y is lifted to, 1 / (2 N) of N answers in the paper's manner. @default none */
  readonly floor?: number;
  /** Descends from here alone. */
  readonly start?: LogAccuracyParameters;
};

/** Weighted least squares in y. `predict` takes ln x and gives an accuracy in [g, 1]. Needs two points. */
export function fitLogAccuracyLaw(
  { x, y, weights }: LawData,
  { chance, floor, start }: LogAccuracyOptions,
): CurveFit<LogAccuracyParameters> {
  const least = floor === undefined ? -Infinity : chance + (1 - chance) * floor;
  const points = { y: y.map((value) => Math.max(least, value)), weights };
  const logX = x.map(Math.log);
  const reason = whyUnfittable({ axis: logX, ...points }, 2);
  if (reason !== null) return constantLaw(points, chance, reason);
  const shape = logAccuracyShape(logX, chance);
  const starts =
    start === undefined
      ? bestStarts(shape, points, { candidates: CANDIDATES, count: 4 })
      : [[Math.log(start.scale), Math.log(start.exponent)]];
  const best = descendCurve(shape, points, starts);
  const [scale, exponent] = [Math.exp(best.parameters[0]!), Math.exp(best.parameters[1]!)];
  return {
    parameters: { scale, exponent },
    predict: (at) => evaluateLaw({ g: chance, a: scale, b: exponent, c: 0 }, Math.exp(at)),
    converged: best.converged,
    reason: descentReason(best),
    objective: best.objective,
  };
}

const { a: A, b: B } = LAW_BOUNDS;

/** θ = (ln A, ln α). */
const CANDIDATES = [A.lower, 0.02, 0.1, 0.3, 0.7, 1.5, 3, 6, 15, 50, 200, A.upper].flatMap((a) =>
  [B.lower, 0.05, 0.15, 0.4, 0.8, 1.6, 3, B.upper].map((b) =>
    Float64Array.of(Math.log(a), Math.log(b)),
  ),
);

function logAccuracyShape(logX: Float64Array, chance: number): CurveShape {
  return {
    lower: [Math.log(A.lower), Math.log(B.lower)],
    upper: [Math.log(A.upper), Math.log(B.upper)],
    value: (theta, i, gradient) => {
      const exponent = Math.exp(theta[1]!);
      const missing = Math.exp(theta[0]! - exponent * logX[i]!);
      const share = Math.exp(-missing);
      gradient[0] = -(1 - chance) * share * missing;
      gradient[1] = -gradient[0] * exponent * logX[i]!;
      return chance + (1 - chance) * share;
    },
  };
}

function constantLaw(
  points: Omit<LawData, 'x'>,
  chance: number,
  reason: string,
): CurveFit<LogAccuracyParameters> {
  const share = (usableMean(points, chance) - chance) / (1 - chance);
  const scale = clamp(-Math.log(Math.max(share, 0)), 0, A.upper);
  const level = chance + (1 - chance) * Math.exp(-scale);
  return {
    parameters: { scale, exponent: 0 },
    predict: () => level,
    converged: false,
    reason,
    objective: constantObjective(points, level),
  };
}
