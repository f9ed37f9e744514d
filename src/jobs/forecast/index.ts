export {
  backtest,
  type BacktestReport,
  type BacktestRequest,
  type BacktestedTarget,
} from './backtest.ts';
export type { BacktestedBenchmark, BacktestedMethod, BacktestSummary } from './backtest-summary.ts';
export { type CollectedBenchmark } from './benchmarks.ts';
export { type CollectedLadders, collectLadders, type LadderRequest } from './collect-ladders.ts';
export type { Exclusion } from './exclusion.ts';
export type { DescribedModel, ForecastedBenchmark } from './answer.ts';
export {
  forecast,
  type ForecastReport,
  type ForecastRequest,
} from './forecast.ts';
export {
  forecasts,
  type ForecastsReport,
  type ForecastsRequest,
  type ListedBenchmark,
  type ListedForecast,
  type ScoreSummary,
} from './forecasts.ts';
export { createFrozenAnswers, type FrozenAnswer } from './frozen-answers.ts';
export type { Monitoring } from './monitor.ts';
export type { ForecastTarget, TargetRequest } from './target.ts';
