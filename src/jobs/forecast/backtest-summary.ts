import type { MethodForecast } from '../../forecast/index.ts';
import { mean } from '../../stats/index.ts';
import { shareOf } from './averages.ts';

export type BacktestedMethod = MethodForecast & {
  /** Null where nothing was forecast. */
  readonly absErrorPoints: number | null;
};

export type BacktestedBenchmark = {
  readonly suite: string;
  readonly task: string;
  readonly items: number;
  readonly measured: number;
  /** Of the ladder's items, those that the truth was measured on; 0 where it is a result of whole tasks. */
  readonly measuredItems: number;
  /** The method behind the chosen answer. */
  readonly chosen: string;
  readonly methods: readonly BacktestedMethod[];
};

/** One method over all benchmarks of all targets. */
export type BacktestSummary = {
  readonly method: string;
  /** Over the benchmarks where it has a number. */
  readonly meanAbsErrorPoints: number | null;
  readonly maxAbsErrorPoints: number | null;
  /** Share of truths in the 95 % interval, and in the 80 % one. */
  readonly coverage: number | null;
  readonly coverage80: number | null;
  /** How many it calls predictable, and the error there and elsewhere. */
  readonly predictable: number;
  readonly benchmarks: number;
  readonly meanAbsErrorPointsPredictable: number | null;
  readonly meanAbsErrorPointsNotPredictable: number | null;
};

type Scored = BacktestedMethod & { readonly measured: number };

/** In the order in which methods first appear. */
export function summariseBacktest(benchmarks: readonly BacktestedBenchmark[]): BacktestSummary[] {
  const byMethod = new Map<string, Scored[]>();
  for (const { methods, measured } of benchmarks) {
    for (const method of methods) {
      const own = byMethod.get(method.method) ?? [];
      byMethod.set(method.method, own);
      own.push({ ...method, measured });
    }
  }
  return [...byMethod].map(([method, all]) => summariseMethod(method, all));
}

function summariseMethod(method: string, all: readonly Scored[]): BacktestSummary {
  const scored = all.filter(({ absErrorPoints }) => absErrorPoints !== null);
  const errors = errorsOf(scored);
  const predictable = scored.filter(({ verdict }) => verdict === 'predictable');
  const refused = scored.filter(({ verdict }) => verdict !== 'predictable');
  return {
    method,
    meanAbsErrorPoints: mean(errors),
    maxAbsErrorPoints: errors.length === 0 ? null : Math.max(...errors),
    coverage: shareOf(scored.map((one) => isCovered(one, '0.95'))),
    coverage80: shareOf(scored.map((one) => isCovered(one, '0.8'))),
    predictable: predictable.length,
    benchmarks: scored.length,
    meanAbsErrorPointsPredictable: mean(errorsOf(predictable)),
    meanAbsErrorPointsNotPredictable: mean(errorsOf(refused)),
  };
}

function errorsOf(scored: readonly Scored[]): number[] {
  return scored.flatMap(({ absErrorPoints }) => absErrorPoints ?? []);
}

function isCovered({ intervals, measured }: Scored, level: '0.8' | '0.95'): boolean | null {
  const [low, high] = intervals[level];
  if (low === null) return null;
  return low <= measured && measured <= high;
}
