import { extrapolationOf, gatherEvidence, spreadOf } from './evidence.ts';
import { type FittedLadder, type FittedMethod, fitLadder, whyMissing } from './fitted-ladder.ts';
import type { Forecaster } from './forecaster.ts';
import { type Evidence, judge, minLadder, type Verdict } from './gate.ts';
import {
  forecastDeviation,
  type Intervals,
  intervalsAround,
  type MaybeIntervals,
  noIntervals,
} from './interval.ts';
import type { Ladder, Target } from './ladder.ts';
import { exponential } from './methods/exponential.ts';
import { chosenMethod, forecasters, isVariant } from './methods/index.ts';
import { lastValue } from './methods/last-value.ts';
import { samplingVariance } from './observations.ts';

export type ForecastOptions = {
  /** Names as in `forecasters`; null: every method, of COD its best configuration alone. */
  readonly methods?: readonly string[] | null;
  /** Bootstrap replicates behind an interval. @default 200 */
  readonly replicates?: number;
  /** @default 0 */
  readonly seed?: number;
};

export type MethodForecast = {
  readonly method: string;
  /** 0…1; null where nothing could be computed, with the reason. */
  readonly accuracy: number | null;
  /** The 95 % interval; null for a ladder too short to tell how far off it is. */
  readonly low: number | null;
  readonly high: number | null;
  readonly intervals: MaybeIntervals;
  readonly verdict: Verdict;
  readonly reason: string;
  /** How far off the method was at the ladder's largest model, from those below it; null where that cannot be told. */
  readonly backtestPoints: number | null;
  readonly predictableShare: number | null;
};

export type BenchmarkForecast = {
  readonly suite: string;
  readonly task: string;
  /** 0 where only the whole task's result is known. */
  readonly items: number;
  /** Every method asked for, and `chosen`: the answer that Sonde stands behind. */
  readonly methods: readonly MethodForecast[];
  /** The method behind `chosen`. */
  readonly chosen: string;
  readonly evidence: Evidence;
};

/** The chosen forecast at a compute. */
export type ForecastPoint = {
  readonly flops: number;
  readonly accuracy: number;
  readonly intervals: Intervals;
};

export type CurvePoint = Omit<ForecastPoint, 'intervals'> & {
  /**
   * Null inside the ladder, where nothing is forecast (there the curve is the exponential law as fitted), and for a ladder
   * too short to tell.
   */
  readonly intervals: Intervals | null;
  /** Whether the forecast there is an answer; null inside the ladder. */
  readonly verdict: Verdict | null;
};

/** A benchmark's ladder with everything that is fitted once: methods, their back-tests, their replicates. */
export type LadderForecaster = {
  readonly ladder: Ladder;
  forecast(target: Target, methods: readonly string[] | null): BenchmarkForecast;
  /** The chosen method at a compute, with its intervals. */
  at(target: Target): ForecastPoint;
  /** The law inside the ladder, and the chosen method from its largest model on. N and D are not known there. */
  along(flops: readonly number[]): CurvePoint[];
  /** The evidence on the chosen method at a compute. */
  evidenceAt(target: Target): Evidence;
};

/** Fits what a ladder's forecasts need, each method when it is first asked for. */
export function createLadderForecaster(
  ladder: Ladder,
  { replicates = 200, seed = 0 }: ForecastOptions = {},
): LadderForecaster {
  assertLadder(ladder);
  const state = fitLadder(ladder, { replicates, seed });
  const { length } = ladder.models;
  const orLast = (forecaster: Forecaster): FittedMethod =>
    state.method(length < forecaster.minModels ? lastValue : forecaster);
  const at = (target: Target): ForecastPoint => pointOf(state, orLast(chosenMethod), target);
  const law = (flops: number): CurvePoint => {
    const accuracy = orLast(exponential).fitted.predict({ flops, ...unknownSizes });
    return { flops, accuracy, intervals: null, verdict: null };
  };
  const largest = ladder.models.at(-1)!.flops;
  const beyond = (flops: number): CurvePoint => {
    const target = { flops, ...unknownSizes };
    const point = at(target);
    const evidence = gatherEvidence(state, orLast(chosenMethod), { target, ...point });
    // How far off a short ladder is cannot be told.
    const intervals = length < minLadder ? null : point.intervals;
    return { ...point, intervals, verdict: judge(evidence).verdict };
  };
  return {
    ladder,
    forecast: (target, methods) => forecastAll(state, target, methods),
    at,
    along: (flops) => flops.map((compute) => (compute < largest ? law(compute) : beyond(compute))),
    evidenceAt(target) {
      const { intervals } = at(target);
      return gatherEvidence(state, orLast(chosenMethod), { target, intervals });
    },
  };
}

const unknownSizes = { params: null, tokens: null } as const;

/**
 * One benchmark at a target: every method with its interval and verdict, and the chosen one.
 *
 * @throws RangeError for a ladder without models, out of order, or with values outside their range, and for a target
 *   without compute.
 */
export function forecastBenchmark(
  ladder: Ladder,
  target: Target,
  options: ForecastOptions = {},
): BenchmarkForecast {
  return createLadderForecaster(ladder, options).forecast(target, options.methods ?? null);
}

/**
 * The law along the ladder, and the chosen forecast from its largest model on. N and D of a target are not known there.
 */
export function forecastCurve(
  ladder: Ladder,
  flops: readonly number[],
  options: ForecastOptions = {},
): CurvePoint[] {
  return createLadderForecaster(ladder, options).along(flops);
}

function forecastAll(
  state: FittedLadder,
  target: Target,
  names: readonly string[] | null,
): BenchmarkForecast {
  assertTarget(target);
  const { ladder } = state;
  const asked = forecasters.filter(({ name }) => names?.includes(name) ?? !isVariant(name));
  const isShort = ladder.models.length < chosenMethod.minModels;
  const behind = isShort ? lastValue : chosenMethod;
  const chosen = judgeMethod(state, behind, target);
  const methods = asked.map((forecaster) => {
    if (forecaster === behind) return chosen.forecast;
    const lacking = whyMissing(ladder, forecaster, target);
    if (lacking !== null) return skipped(forecaster.name, lacking);
    return judgeMethod(state, forecaster, target).forecast;
  });
  return {
    suite: ladder.suite,
    task: ladder.task,
    items: ladder.items?.ids.length ?? 0,
    methods: [...methods, { ...chosen.forecast, method: 'chosen' }],
    chosen: behind.name,
    evidence: chosen.evidence,
  };
}

type Judged = { readonly forecast: MethodForecast; readonly evidence: Evidence };

function judgeMethod(state: FittedLadder, forecaster: Forecaster, target: Target): Judged {
  const method = state.method(forecaster);
  const { accuracy, intervals } = pointOf(state, method, target);
  const evidence = gatherEvidence(state, method, { target, intervals });
  const shown = state.ladder.models.length < minLadder ? noIntervals : intervals;
  const [low, high] = shown['0.95'];
  const predictableShare = method.fitted.predictableShare?.(target) ?? null;
  const { backtestPoints } = evidence;
  const judged = { ...judge(evidence), backtestPoints, predictableShare };
  const forecast = { accuracy, low, high, intervals: shown, ...judged };
  return { forecast: { method: forecaster.name, ...forecast }, evidence };
}

function skipped(method: string, reason: string): MethodForecast {
  return {
    method,
    accuracy: null,
    low: null,
    high: null,
    intervals: noIntervals,
    verdict: 'not-predictable',
    reason,
    backtestPoints: null,
    predictableShare: null,
  };
}

function pointOf(state: FittedLadder, method: FittedMethod, target: Target): ForecastPoint {
  const { ladder, trend } = state;
  const { fitted } = method;
  const accuracy = fitted.predict(target);
  const deviation = forecastDeviation({
    replicates: Float64Array.from(method.replicates(), (replicate) => replicate.predict(target)),
    targetSampling: samplingVariance(ladder).at(-1) ?? 0,
    shock: trend.shock,
    standardError: fitted.standardError?.(target) ?? 0,
    backTest: method.backTest(),
    extrapolation: extrapolationOf(ladder, target),
    spread: spreadOf(state, target),
  });
  return { flops: target.flops, accuracy, intervals: intervalsAround(accuracy, deviation) };
}

function assertTarget({ flops }: Target): void {
  if (Number.isFinite(flops) && flops > 0) return;
  throw new RangeError(`\`forecast\`: expected a target of FLOPs above 0, got ${flops}`);
}

function assertLadder({ models, accuracy, chance }: Ladder): void {
  if (models.length === 0)
    throw new RangeError('`forecast`: expected a ladder with models, got none');
  models.forEach(({ flops, checkpoint }, index) => {
    const before = models[index - 1]?.flops ?? 0;
    if (!(flops > 0 && flops >= before && Number.isFinite(flops))) {
      throw new RangeError(
        `\`forecast\`: expected models by ascending compute, got ${flops.toExponential(3)} FLOPs for ${checkpoint} after ${before.toExponential(3)}`,
      );
    }
    const score = accuracy[index]!;
    if (!(score >= 0 && score <= 1)) {
      throw new RangeError(
        `\`forecast\`: expected an accuracy from 0 to 1, got ${score} for ${checkpoint}`,
      );
    }
  });
  if (!(chance >= 0 && chance < 1)) {
    throw new RangeError(`\`forecast\`: expected \`chance\` from 0 up to below 1, got ${chance}`);
  }
}
