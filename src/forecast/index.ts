export { type BackTestPoint, backTest } from './back-test.ts';
export {
  createLadderForecaster,
  forecastBenchmark,
  type BenchmarkForecast,
  type CurvePoint,
  type ForecastOptions,
  forecastCurve,
  type LadderForecaster,
  type MethodForecast,
} from './forecast.ts';
export type { Forecaster, FittedForecaster } from './forecaster.ts';
export { type Evidence, gate, minLadder, type Verdict } from './gate.ts';
export {
  type IntervalPair,
  type Intervals,
  intervalWeights,
  type MaybeIntervals,
} from './interval.ts';
export {
  accuracyOfItems,
  type Anchor,
  type Ladder,
  type LadderItems,
  type LadderModel,
  type PanelBenchmark,
  subLadder,
  type Target,
} from './ladder.ts';
export { compareLadders, type LadderComparison } from './allocation.ts';
export { forecasters, isVariant } from './methods/index.ts';
export { type Reach, reachAccuracy } from './reach.ts';
export { clusteringQuality } from './clustering/index.ts';
export {
  clusterItems,
  codDefaults,
  type CodDescription,
  type CodFit,
  type CodPart,
  type CodSettings,
  createCod,
  describeCod,
  fitCod,
  fitSubsetMap,
  judgeClusters,
  mapPoints,
} from './cod/index.ts';
export { evaluateLaw } from './laws/index.ts';
