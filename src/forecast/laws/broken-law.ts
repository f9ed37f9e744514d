/**
 * A broken neural scaling law with one break (arXiv 2210.14891) on the error 1 − y:
 * e(x) = p + scale · x^−c0 · (1 + (x / d)^(1/f))^(−c1 f), x = C / C_min. In a log-log plot of e − p the slope goes from −c0
 * to −(c0 + c1) around x = d, the sooner the smaller f. All exponents are ≥ 0, so accuracy never falls.
 */
import { bestLine } from './best-line.ts';
import { clamp } from './clamp.ts';
import {
  bestStarts,
  type CurveFit,
  type CurveShape,
  descendCurve,
  descentReason,
} from './curve-fit.ts';
import { constantObjective, usableMean, whyUnfittable } from './fittable.ts';
import type { LawData } from './law-problem.ts';

export type BrokenLawParameters = {
  /** Error that stays for ever. */
  readonly p: number;
  /** What goes, before a break far away, at x = 1. */
  readonly scale: number;
  readonly c0: number;
  readonly c1: number;
  /** ln of the compute at the break. */
  readonly logD: number;
  readonly f: number;
};

export type BrokenLawOptions = {
  /** Descends from here alone. */
  readonly start?: BrokenLawParameters;
};

type Bounds = Readonly<Record<keyof BrokenLawParameters, readonly [number, number]>>;

/** logD is bounded by the ladder: from x = 1 to ten times its largest x. */
const BROKEN_LAW_BOUNDS: Omit<Bounds, 'logD'> = Object.freeze({
  p: [0, 1],
  /** An error above 1 at x = 1 is cut by `predict`; twice leaves room for a law that bends below it at once. */
  scale: [0, 2],
  /** At 3, twice the compute leaves an eighth. */
  c0: [0, 3],
  c1: [0, 3],
  /** Sharper than 0.05 no ladder resolves; smoother than 2 the break is wider than any. */
  f: [0.05, 2],
});

/** Accuracy 1 − e(x), cut to [0, 1]. */
function evaluateBrokenLaw(parameters: BrokenLawParameters, x: number): number {
  const { p, scale } = parameters;
  return clamp(1 - p - scale * Math.exp(logShape(parameters, Math.log(x))), 0, 1);
}

/** Weighted least squares on the error, from the best 4 of 96 starts. `predict` takes ln x. Needs three points. */
export function fitBrokenLaw(
  { x, y, weights }: LawData,
  { start }: BrokenLawOptions = {},
): CurveFit<BrokenLawParameters> {
  const axis = x.map(Math.log);
  const reason = whyUnfittable({ axis, y, weights }, 3);
  if (reason !== null) return constantLaw({ y, weights }, reason);
  const points = { y: y.map((value) => 1 - value), weights };
  const shape = brokenShape(axis, points);
  const starts =
    start === undefined
      ? bestStarts(shape, points, { candidates: candidates(shape.upper[4]!), count: 4 })
      : [toTheta(start)];
  const best = descendCurve(shape, points, starts);
  const parameters = fromTheta(best.parameters);
  return {
    parameters,
    predict: (logX) => evaluateBrokenLaw(parameters, Math.exp(logX)),
    converged: best.converged,
    reason: descentReason(best),
    objective: best.objective,
  };
}

/** −c0 ln x − c1 f ln(1 + exp((ln x − ln d) / f)). */
function logShape({ c0, c1, logD, f }: Omit<BrokenLawParameters, 'p' | 'scale'>, logX: number) {
  return -c0 * logX - c1 * f * softplus((logX - logD) / f);
}

function softplus(t: number): number {
  return t > 0 ? t + Math.log1p(Math.exp(-t)) : Math.log1p(Math.exp(t));
}

/** θ = (p, scale, c0, c1, ln d, f). */
function brokenShape(
  logX: Float64Array,
  points: { readonly y: Float64Array; readonly weights: Float64Array },
): CurveShape {
  const { p, scale, c0, c1, f } = BROKEN_LAW_BOUNDS;
  const break_ = [0, Math.max(...logX) + Math.log(10)] as const;
  const bounds = [p, scale, c0, c1, break_, f];
  const shape = new Float64Array(logX.length);
  return {
    lower: bounds.map(([lower]) => lower),
    upper: bounds.map(([, upper]) => upper),
    value: (theta, i, gradient) => brokenValue(theta, logX[i]!, gradient),
    settle: (theta) => {
      const law = fromTheta(theta);
      for (let i = 0; i < logX.length; i += 1) shape[i] = Math.exp(logShape(law, logX[i]!));
      const line = bestLine(shape, points, { offset: p, scale });
      theta[0] = line.offset;
      theta[1] = line.scale;
    },
  };
}

function brokenValue(theta: Float64Array, logX: number, gradient: Float64Array): number {
  const parameters = fromTheta(theta);
  const { p, scale, c1, logD, f } = parameters;
  const t = (logX - logD) / f;
  const share = Math.exp(logShape(parameters, logX));
  const value = scale * share;
  const beyond = 1 / (1 + Math.exp(-t));
  gradient[0] = 1;
  gradient[1] = share;
  gradient[2] = -value * logX;
  gradient[3] = -value * f * softplus(t);
  gradient[4] = value * c1 * beyond;
  gradient[5] = value * c1 * (t * beyond - softplus(t));
  return p + value;
}

function candidates(lastBreak: number): Float64Array[] {
  const list: Float64Array[] = [];
  for (const c0 of [0, 0.05, 0.2, 0.6]) {
    for (const c1 of [0.1, 0.4, 1.2]) {
      for (const place of [0.1, 0.3, 0.5, 0.7]) {
        for (const f of [0.1, 0.6]) list.push(Float64Array.of(0, 0, c0, c1, place * lastBreak, f));
      }
    }
  }
  return list;
}

function fromTheta(theta: Float64Array): BrokenLawParameters {
  const [p, scale, c0, c1, logD, f] = theta as unknown as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return { p, scale, c0, c1, logD, f };
}

function toTheta({ p, scale, c0, c1, logD, f }: BrokenLawParameters): number[] {
  return [p, scale, c0, c1, logD, f];
}

function constantLaw(points: Omit<LawData, 'x'>, reason: string): CurveFit<BrokenLawParameters> {
  const level = clamp(usableMean(points, 0), 0, 1);
  return {
    parameters: { p: 1 - level, scale: 0, c0: 0, c1: 0, logD: 0, f: 1 },
    predict: () => level,
    converged: false,
    reason,
    objective: constantObjective(points, level),
  };
}
