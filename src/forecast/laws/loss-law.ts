/** Loss over compute: L(x) = E + A x^−α, x = C / C_min, all ≥ 0, so the loss never rises. */
import { bestLine } from './best-line.ts';
import {
  bestStarts,
  type CurveFit,
  type CurveShape,
  descendCurve,
  descentReason,
} from './curve-fit.ts';
import { constantObjective, usableMean, whyUnfittable } from './fittable.ts';
import type { LawData } from './law-problem.ts';

export type LossLawParameters = {
  /** E, the loss that stays for ever. */
  readonly floor: number;
  /** A, what goes, at x = 1. */
  readonly scale: number;
  /** α. */
  readonly exponent: number;
};

export type LossLawOptions = {
  /** Descends from here alone. */
  readonly start?: LossLawParameters;
};

/** Below 0.001 compute changes nothing; above 3 twice the compute leaves an eighth. Losses go with 0.05 to 0.5. */
export const LOSS_EXPONENT: readonly [number, number] = [1e-3, 3];

/** Weighted least squares; `y` are losses, `predict` takes ln x. Needs three points. */
export function fitLossLaw(
  { x, y, weights }: LawData,
  { start }: LossLawOptions = {},
): CurveFit<LossLawParameters> {
  const logX = x.map(Math.log);
  const points = { y, weights };
  const reason = whyUnfittable({ axis: logX, ...points }, 3);
  if (reason !== null) return constantLoss(points, reason);
  const shape = lossShape(logX, points);
  const starts =
    start === undefined
      ? bestStarts(shape, points, { candidates: CANDIDATES, count: 3 })
      : [[start.floor, start.scale, Math.log(start.exponent)]];
  const best = descendCurve(shape, points, starts);
  const [floor, scale] = [best.parameters[0]!, best.parameters[1]!];
  const exponent = Math.exp(best.parameters[2]!);
  return {
    parameters: { floor, scale, exponent },
    predict: (at) => floor + scale * Math.exp(-exponent * at),
    converged: best.converged,
    reason: descentReason(best),
    objective: best.objective,
  };
}

/** θ = (E, A, ln α); E and A are settled. */
const CANDIDATES = [LOSS_EXPONENT[0], 0.01, 0.04, 0.1, 0.2, 0.4, 0.8, 1.6, LOSS_EXPONENT[1]].map(
  (exponent) => Float64Array.of(0, 0, Math.log(exponent)),
);

function lossShape(
  logX: Float64Array,
  points: { readonly y: Float64Array; readonly weights: Float64Array },
): CurveShape {
  const power = new Float64Array(logX.length);
  return {
    lower: [0, 0, Math.log(LOSS_EXPONENT[0])],
    upper: [Infinity, Infinity, Math.log(LOSS_EXPONENT[1])],
    value: (theta, i, gradient) => {
      const exponent = Math.exp(theta[2]!);
      gradient[0] = 1;
      gradient[1] = Math.exp(-exponent * logX[i]!);
      gradient[2] = -theta[1]! * gradient[1] * exponent * logX[i]!;
      return theta[0]! + theta[1]! * gradient[1];
    },
    settle: (theta) => {
      const exponent = Math.exp(theta[2]!);
      for (let i = 0; i < power.length; i += 1) power[i] = Math.exp(-exponent * logX[i]!);
      const line = bestLine(power, points, { offset: [0, Infinity], scale: [0, Infinity] });
      theta[0] = line.offset;
      theta[1] = line.scale;
    },
  };
}

function constantLoss(points: Omit<LawData, 'x'>, reason: string): CurveFit<LossLawParameters> {
  const floor = Math.max(0, usableMean(points, 0));
  return {
    parameters: { floor, scale: 0, exponent: LOSS_EXPONENT[0] },
    predict: () => floor,
    converged: false,
    reason,
    objective: constantObjective(points, floor),
  };
}
