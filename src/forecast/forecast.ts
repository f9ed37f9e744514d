import { type BackTestPoint, backTest } from './back-test.ts';
import type { FittedForecaster, Forecaster, Replicate } from './forecaster.ts';
import { type Evidence, judge, minLadder, type Verdict } from './gate.ts';
import {
  forecastDeviation,
  type IntervalPair,
  type Intervals,
  intervalsAround,
} from './interval.ts';
import type { Ladder, Target } from './ladder.ts';
import { exponential } from './methods/exponential.ts';
import { chosenMethod, forecasters, spreadMethods } from './methods/index.ts';
import { lastValue } from './methods/last-value.ts';
import { samplingVariance } from './observations.ts';
import { drawReplicates, replicateAll } from './replicates.ts';
import { describeTrend, type Trend } from './trend.ts';

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
  /** The 95 % interval. */
  readonly low: number | null;
  readonly high: number | null;
  readonly intervals: Intervals | null;
  readonly verdict: Verdict;
  readonly reason: string;
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
  /** Null inside the ladder, where nothing is forecast: there the curve is the exponential law as fitted. */
  readonly intervals: Intervals | null;
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

type Fitted = {
  readonly forecaster: Forecaster;
  readonly fitted: FittedForecaster;
  readonly replicates: readonly FittedForecaster[];
  readonly backTest: readonly BackTestPoint[];
};

/** Fits what a ladder's forecasts need, each method when it is first asked for. */
export function createLadderForecaster(
  ladder: Ladder,
  { replicates = 200, seed = 0 }: ForecastOptions = {},
): LadderForecaster {
  assertLadder(ladder);
  const trend = describeTrend(ladder);
  const draws = drawReplicates(ladder, { count: replicates, seed, shock: trend.shock });
  const known = new Map<string, Fitted>();
  const fit = (forecaster: Forecaster): Fitted => {
    const before = known.get(forecaster.name);
    if (before !== undefined) return before;
    const fitted = fitMethod(forecaster, ladder, { draws, seed });
    known.set(forecaster.name, fitted);
    return fitted;
  };
  const where = (forecaster: Forecaster): Fitted =>
    fit(ladder.models.length < forecaster.minModels ? lastValue : forecaster);
  const state: State = { ladder, trend, fit };
  const at = (target: Target): ForecastPoint => {
    const { accuracy, intervals } = pointOf(state, where(chosenMethod), target);
    return { flops: target.flops, accuracy, intervals };
  };
  const law = (flops: number): CurvePoint => {
    const accuracy = where(exponential).fitted.predict({ flops, ...unknownSizes });
    return { flops, accuracy, intervals: null };
  };
  const largest = ladder.models.at(-1)!.flops;
  return {
    ladder,
    forecast: (target, methods) => forecastAll(state, target, methods),
    at,
    along: (flops) =>
      flops.map((compute) =>
        compute < largest ? law(compute) : at({ flops: compute, ...unknownSizes }),
      ),
    evidenceAt: (target) => evidenceOf(state, where(chosenMethod), target),
  };
}

const unknownSizes = { params: null, tokens: null } as const;

/**
 * One benchmark at a target: every method with its interval and verdict, and the chosen one.
 *
 * @throws RangeError for a ladder without models, out of order, or with values outside their range.
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

type State = {
  readonly ladder: Ladder;
  readonly trend: Trend;
  fit(forecaster: Forecaster): Fitted;
};

function fitMethod(
  forecaster: Forecaster,
  ladder: Ladder,
  { draws, seed }: { draws: readonly Replicate[]; seed: number },
): Fitted {
  const fitted = forecaster.fit(ladder, { seed });
  return {
    forecaster,
    fitted,
    replicates: replicateAll(fitted, draws),
    backTest: backTest(forecaster, ladder, { seed }),
  };
}

function forecastAll(
  state: State,
  target: Target,
  names: readonly string[] | null,
): BenchmarkForecast {
  const { ladder } = state;
  const asked = forecasters.filter(({ name }) => names?.includes(name) ?? !isVariant(name));
  const methods = asked.map((forecaster) => forecastOne(state, forecaster, target));
  const chosen = forecastOne(state, chosenMethod, target);
  const behind = chosen.accuracy === null ? forecastOne(state, lastValue, target) : chosen;
  return {
    suite: ladder.suite,
    task: ladder.task,
    items: ladder.items?.ids.length ?? 0,
    methods: [...methods, { ...behind, method: 'chosen' }],
    chosen: behind.method,
    evidence: evidenceOf(state, fittedOrNull(state, chosenMethod, target), target),
  };
}

/** `cod:<variant>`: computed only where it is asked for. */
function isVariant(name: string): boolean {
  return name.includes(':');
}

function forecastOne(state: State, forecaster: Forecaster, target: Target): MethodForecast {
  const method = forecaster.name;
  const lacking = whyMissing(state.ladder, forecaster, target);
  if (lacking !== null) {
    return {
      method,
      accuracy: null,
      low: null,
      high: null,
      intervals: null,
      verdict: 'not-predictable',
      reason: lacking,
      predictableShare: null,
    };
  }
  const fitted = state.fit(forecaster);
  const { accuracy, intervals } = pointOf(state, fitted, target);
  const [low, high] = intervals['0.95'];
  const { verdict, reason } = judge(evidenceOf(state, fitted, target));
  const predictableShare = fitted.fitted.predictableShare?.(target) ?? null;
  return { method, accuracy, low, high, intervals, verdict, reason, predictableShare };
}

function whyMissing(ladder: Ladder, forecaster: Forecaster, target: Target): string | null {
  const { minModels } = forecaster;
  const { length } = ladder.models;
  if (length < minModels) return `needs ${minModels} ladder models, found ${length}`;
  return forecaster.missing?.(ladder, target) ?? null;
}

function fittedOrNull(state: State, forecaster: Forecaster, target: Target): Fitted | null {
  return whyMissing(state.ladder, forecaster, target) === null ? state.fit(forecaster) : null;
}

function pointOf(
  state: State,
  { fitted, replicates, backTest: errors }: Fitted,
  target: Target,
): { accuracy: number; intervals: Intervals } {
  const { ladder, trend } = state;
  const accuracy = fitted.predict(target);
  const deviation = forecastDeviation({
    replicates: Float64Array.from(replicates, (replicate) => replicate.predict(target)),
    targetSampling: samplingVariance(ladder).at(-1) ?? 0,
    shock: trend.shock,
    standardError: fitted.standardError?.(target) ?? 0,
    backTest: errors,
    extrapolation: extrapolationOf(ladder, target),
    spread: spreadOf(state, target),
  });
  return { accuracy, intervals: intervalsAround(accuracy, deviation) };
}

function evidenceOf(state: State, method: Fitted | null, target: Target): Evidence {
  const { ladder, trend } = state;
  const spread = spreadOf(state, target);
  const errors = method?.backTest ?? [];
  const typical = errors.reduce((sum, { error }) => sum + Math.abs(error), 0) / errors.length;
  const cod = fittedOrNull(state, forecasters.find(({ name }) => name === 'cod')!, target);
  const width = method === null ? null : widthOf(pointOf(state, method, target).intervals['0.95']);
  return {
    models: ladder.models.length,
    extrapolation: extrapolationOf(ladder, target),
    spreadPoints: spread === null ? null : 100 * spread,
    backtestPoints: errors.length === 0 ? null : 100 * Math.abs(errors[0]!.error),
    backtestShare: errors.length === 0 ? null : typical / Math.max(trend.range, 0.01),
    risePoints: 100 * trend.range,
    aboveChancePoints: 100 * ((ladder.accuracy.at(-1) ?? 0) - ladder.chance),
    trend: trend.significance,
    predictableShare: cod?.fitted.predictableShare?.(target) ?? null,
    widthPoints: width === null ? null : 100 * width,
  };
}

function widthOf([low, high]: IntervalPair): number {
  return high - low;
}

/** Highest less lowest forecast of methods that differ in kind; null for a ladder too short to compare. */
function spreadOf(state: State, target: Target): number | null {
  if (state.ladder.models.length < minLadder) return null;
  const values = spreadMethods.map((method) => state.fit(method).fitted.predict(target));
  return Math.max(...values) - Math.min(...values);
}

function extrapolationOf({ models }: Ladder, { flops }: Target): number {
  return flops / (models.at(-1)?.flops ?? flops);
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
