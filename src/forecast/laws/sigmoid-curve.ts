/**
 * y(z) = lo + (hi − lo) / (1 + exp(−slope (z − centre))): over z = ln(C / C_min) for compute, over z = −loss for the
 * second step of a forecast through losses. Rising (slope ≥ 0), with 0 ≤ lo ≤ hi ≤ 1.
 */
import { clamp } from './clamp.ts';
import {
  bestStarts,
  type CurveFit,
  type CurveShape,
  descendCurve,
  descentReason,
} from './curve-fit.ts';
import { type AxisPoints, constantObjective, usableMean, whyUnfittable } from './fittable.ts';
import { createLinearPart, LEAST_CEILING, solveLinearPart } from './law-linear-part.ts';
import type { Gaussian } from './law-prior.ts';
import type { GuessRange } from './law-problem.ts';

export type SigmoidParameters = {
  readonly lo: number;
  readonly hi: number;
  /** Per unit of z. */
  readonly slope: number;
  readonly centre: number;
};

/** In spans: slope · (z_max − z_min), (centre − z_min) / (z_max − z_min). Needs weights that are inverse variances. */
export type SigmoidPrior = {
  readonly lo: Gaussian;
  readonly slope: Gaussian;
  readonly centre: Gaussian;
  /** Of (hi − lo) / (1 − lo). */
  readonly ceiling: Gaussian;
};

export type SigmoidOptions = GuessRange & {
  /** @default null */
  readonly prior?: SigmoidPrior | null;
  /** Descends from here alone. */
  readonly start?: SigmoidParameters;
};

/** In units of the span of z, so that one box serves compute and loss. */
const SIGMOID_BOUNDS: Readonly<
  Record<'lo' | 'slope' | 'centre' | 'ceiling', { lower: number; upper: number }>
> = Object.freeze({
  lo: { lower: 0, upper: 0.99 },
  /** At 60 the rise takes a tenth of the span: less than two models' distance on any real ladder. */
  slope: { lower: 0, upper: 60 },
  /** A centre two spans away leaves an exponential at most, which no centre further off could change. */
  centre: { lower: -2, upper: 3 },
  ceiling: { lower: LEAST_CEILING, upper: 1 },
});

/** Says little: the rise takes about a span and ends at 1, its middle is somewhere around the ladder. */
export function weakSigmoidPrior(chance: number): SigmoidPrior {
  return {
    lo: { mean: chance, sd: 0.05 },
    slope: { mean: 4, sd: 4 },
    centre: { mean: 1, sd: 1 },
    ceiling: { mean: 1, sd: 0.4 },
  };
}

export function evaluateSigmoid({ lo, hi, slope, centre }: SigmoidParameters, z: number): number {
  return lo + (hi - lo) * logistic(slope * (z - centre));
}

/** Weighted least squares within `SIGMOID_BOUNDS`; `axis` is z, and `predict` takes z. Needs three points. */
export function fitSigmoid(data: AxisPoints, options: SigmoidOptions): CurveFit<SigmoidParameters> {
  const reason = whyUnfittable(data, 3);
  if (reason !== null) return constantSigmoid(data, options.chance, reason);
  const scale = spanOf(data);
  const shape = sigmoidShape(data, scale, options);
  const starts =
    options.start === undefined
      ? bestStarts(shape, data, { candidates: CANDIDATES, count: 4 })
      : [toTheta(options.start, scale)];
  const best = descendCurve(shape, data, starts);
  const parameters = fromTheta(best.parameters, scale);
  return {
    parameters,
    predict: (z) => evaluateSigmoid(parameters, z),
    converged: best.converged,
    reason: descentReason(best),
    objective: best.objective,
  };
}

type Span = { readonly from: number; readonly width: number };

/** θ = (lo, slope, centre, ceiling), the middle two in spans. */
const CANDIDATES = [0.7, 2, 4, 8, 16, 32, 60].flatMap((slope) =>
  [-1, -0.3, 0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 1.3, 2, 3].map((centre) =>
    Float64Array.of(0, slope, centre, 0.5),
  ),
);

function sigmoidShape(
  data: AxisPoints,
  { from, width }: Span,
  options: SigmoidOptions,
): CurveShape {
  const { chance, guess, prior = null } = options;
  const { axis, y, weights } = data;
  const bounds = Object.values(SIGMOID_BOUNDS);
  const [lower, upper] = [bounds.map((b) => b.lower), bounds.map((b) => b.upper)];
  if (guess === 'fixed') {
    lower[0] = chance;
    upper[0] = chance;
  }
  const part = createLinearPart();
  part.least = lower[0]!;
  part.most = upper[0]!;
  const q = new Float64Array(axis.length);
  const points = { points: axis.length, y, weights };
  const position = axis.map((z) => (z - from) / width);
  return {
    lower,
    upper,
    value: (theta, i, gradient) => sigmoidValue(theta, position[i]!, gradient),
    ...(prior === null
      ? {
          settle: (theta: Float64Array) => {
            position.forEach((p, i) => (q[i] = logistic(-theta[1]! * (p - theta[2]!))));
            solveLinearPart(part, points, q);
            theta[0] = part.g;
            theta[3] = part.k;
          },
        }
      : { prior: [prior.lo, prior.slope, prior.centre, prior.ceiling] }),
  };
}

/** lo + (1 − lo) · ceiling · logistic(slope (p − centre)). */
function sigmoidValue(theta: Float64Array, p: number, gradient: Float64Array): number {
  const [lo, slope, centre, ceiling] = [theta[0]!, theta[1]!, theta[2]!, theta[3]!];
  const share = logistic(slope * (p - centre));
  const steep = (1 - lo) * ceiling * share * (1 - share);
  gradient[0] = 1 - ceiling * share;
  gradient[1] = steep * (p - centre);
  gradient[2] = -steep * slope;
  gradient[3] = (1 - lo) * share;
  return lo + (1 - lo) * ceiling * share;
}

function spanOf({ axis, weights }: AxisPoints): Span {
  const used = axis.filter((_, i) => weights[i]! > 0);
  const from = Math.min(...used);
  return { from, width: Math.max(...used) - from };
}

function fromTheta(theta: Float64Array, { from, width }: Span): SigmoidParameters {
  const lo = theta[0]!;
  return {
    lo,
    hi: lo + (1 - lo) * theta[3]!,
    slope: theta[1]! / width,
    centre: from + theta[2]! * width,
  };
}

function toTheta({ lo, hi, slope, centre }: SigmoidParameters, { from, width }: Span): number[] {
  return [lo, slope * width, (centre - from) / width, (hi - lo) / (1 - lo)];
}

function constantSigmoid(
  data: AxisPoints,
  chance: number,
  reason: string,
): CurveFit<SigmoidParameters> {
  const level = clamp(usableMean(data, chance), 0, 1);
  const parameters = { lo: level, hi: level, slope: 0, centre: 0 };
  return {
    parameters,
    predict: () => level,
    converged: false,
    reason,
    objective: constantObjective(data, level),
  };
}

function logistic(t: number): number {
  return 1 / (1 + Math.exp(-t));
}
