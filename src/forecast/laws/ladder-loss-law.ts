/**
 * Loss over parameters and tokens, the first step of the task ladder (arXiv 2412.04403): L(N, D) = A / n^α + B / d^β + E,
 * with n = N / N_min and d = D / D_min. All ≥ 0: more of either never hurts.
 */
import {
  bestStarts,
  type CurveFit,
  type CurveShape,
  descendCurve,
  descentReason,
} from './curve-fit.ts';
import { constantObjective, isConstant, usableMean, whyUnfittable } from './fittable.ts';
import { fitLossLaw, LOSS_EXPONENT } from './loss-law.ts';

export type LadderLossData = {
  /** Over the smallest model's. */
  readonly parameters: Float64Array;
  /** Over the fewest. */
  readonly tokens: Float64Array;
  readonly loss: Float64Array;
  readonly weights: Float64Array;
};

export type LadderLossParameters = {
  readonly floor: number;
  readonly parameterScale: number;
  readonly parameterExponent: number;
  readonly tokenScale: number;
  readonly tokenExponent: number;
};

export type LadderLossFit = Omit<CurveFit<LadderLossParameters>, 'predict'> & {
  /** The loss at n and d, in the units of the data. */
  readonly predict: (at: { readonly parameters: number; readonly tokens: number }) => number;
};

export type LadderLossOptions = {
  /** Descends from here alone. */
  readonly start?: LadderLossParameters;
};

/**
 * Weighted least squares within the exponents of `LOSS_EXPONENT`. Needs five points. Where all models share N, or D, the
 * data say nothing of its term: the other is fitted alone, from three points, and this one's scale is 0.
 */
export function fitLadderLoss(
  data: LadderLossData,
  { start }: LadderLossOptions = {},
): LadderLossFit {
  const used = (values: Float64Array) => values.filter((_, i) => data.weights[i]! > 0);
  const [sameN, sameD] = [isConstant(used(data.parameters)), isConstant(used(data.tokens))];
  if (sameN !== sameD) return fitOneTerm(data, sameN ? 'token' : 'parameter', start);
  const points = { y: data.loss, weights: data.weights };
  if (sameN) return constantLoss(points, 'all points have the same parameters and tokens');
  const [logN, logD] = [data.parameters.map(Math.log), data.tokens.map(Math.log)];
  const reason =
    whyUnfittable({ axis: logN, ...points }, 5) ?? whyUnfittable({ axis: logD, ...points }, 5);
  if (reason !== null) return constantLoss(points, reason);
  const shape = ladderShape(logN, logD);
  const candidates = spreadStarts(usableMean(points, 0));
  const starts =
    start === undefined ? bestStarts(shape, points, { candidates, count: 4 }) : [toTheta(start)];
  const best = descendCurve(shape, points, starts);
  const parameters = fromTheta(best.parameters);
  return {
    parameters,
    predict: (at) => evaluateLadderLoss(parameters, at),
    converged: best.converged,
    reason: descentReason(best),
    objective: best.objective,
  };
}

/** E and the one term that is told of by its axis. */
function fitOneTerm(
  { parameters: n, tokens: d, loss: y, weights }: LadderLossData,
  term: 'parameter' | 'token',
  start: LadderLossParameters | undefined,
): LadderLossFit {
  const x = term === 'parameter' ? n : d;
  const from = start && {
    floor: start.floor,
    scale: start[`${term}Scale`],
    exponent: start[`${term}Exponent`],
  };
  const { parameters: law, ...fit } = fitLossLaw({ x, y, weights }, from && { start: from });
  const parameters: LadderLossParameters = {
    ...constantLaw(law.floor),
    [`${term}Scale`]: law.scale,
    [`${term}Exponent`]: law.exponent,
  };
  return { ...fit, parameters, predict: (at) => evaluateLadderLoss(parameters, at) };
}

function evaluateLadderLoss(
  law: LadderLossParameters,
  at: { readonly parameters: number; readonly tokens: number },
): number {
  return (
    law.floor +
    law.parameterScale * at.parameters ** -law.parameterExponent +
    law.tokenScale * at.tokens ** -law.tokenExponent
  );
}

/** θ = (E, A, ln α, B, ln β). */
function ladderShape(logN: Float64Array, logD: Float64Array): CurveShape {
  const [least, most] = [Math.log(LOSS_EXPONENT[0]), Math.log(LOSS_EXPONENT[1])];
  return {
    lower: [0, 0, least, 0, least],
    upper: [Infinity, Infinity, most, Infinity, most],
    value: (theta, i, gradient) => {
      const [alpha, beta] = [Math.exp(theta[2]!), Math.exp(theta[4]!)];
      const [n, d] = [Math.exp(-alpha * logN[i]!), Math.exp(-beta * logD[i]!)];
      gradient[0] = 1;
      gradient[1] = n;
      gradient[2] = -theta[1]! * n * alpha * logN[i]!;
      gradient[3] = d;
      gradient[4] = -theta[3]! * d * beta * logD[i]!;
      return theta[0]! + theta[1]! * n + theta[3]! * d;
    },
  };
}

function spreadStarts(level: number): Float64Array[] {
  const exponents = [0.05, 0.2, 0.5, 1.2];
  return exponents.flatMap((alpha) =>
    exponents.flatMap((beta) =>
      [0.1, 0.4].map((share) =>
        Float64Array.of(
          level * (1 - share),
          level * share,
          Math.log(alpha),
          level * share,
          Math.log(beta),
        ),
      ),
    ),
  );
}

function fromTheta(theta: Float64Array): LadderLossParameters {
  return {
    floor: theta[0]!,
    parameterScale: theta[1]!,
    parameterExponent: Math.exp(theta[2]!),
    tokenScale: theta[3]!,
    tokenExponent: Math.exp(theta[4]!),
  };
}

function toTheta(law: LadderLossParameters): number[] {
  return [
    law.floor,
    law.parameterScale,
    Math.log(law.parameterExponent),
    law.tokenScale,
    Math.log(law.tokenExponent),
  ];
}

function constantLoss(
  points: { readonly y: Float64Array; readonly weights: Float64Array },
  reason: string,
): LadderLossFit {
  const floor = Math.max(0, usableMean(points, 0));
  return {
    parameters: constantLaw(floor),
    predict: () => floor,
    converged: false,
    reason,
    objective: constantObjective(points, floor),
  };
}

function constantLaw(floor: number): LadderLossParameters {
  const [exponent] = LOSS_EXPONENT;
  return {
    floor,
    parameterScale: 0,
    parameterExponent: exponent,
    tokenScale: 0,
    tokenExponent: exponent,
  };
}
