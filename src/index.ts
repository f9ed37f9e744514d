/**
 * Sonde as a library: the jobs of the command line as functions over a store, and the pieces below them.
 *
 * ```ts
 * import { anyOutcomes, fit, importRecords, jobContext, openStore, predict } from 'sonde';
 *
 * await using store = await openStore('.sonde');
 * const context = jobContext({ note: console.warn });
 * await importRecords(store, 'outcomes.csv');
 * await fit(
 *   store,
 *   { suite: 'suite', tasks: null, render: 'auto', ...anyOutcomes, checkpoints: ['runs/olmo/step1000'] },
 *   { name: 'first', probe: 'auto', holdout: 0.4, seed: 0 },
 *   context,
 * );
 * const [prediction] = await predict(
 *   store,
 *   { checkpoints: ['runs/olmo/step2000'], probe: 'first', tasks: null, ...anyOutcomes, useLabels: false, itemsOut: null },
 *   context,
 * );
 * ```
 */
export {
  type Checkpoint,
  type CheckpointFacts,
  type CheckpointReport,
  inspectCheckpoint,
  loadTokenizer,
  openCheckpoint,
  type PromptTokenizer,
} from './checkpoint/index.ts';
export {
  type HiddenStateProvider,
  type LocalEngine,
  openLocalEngine,
  planBatches,
  type PooledBatch,
  type SampledAnswers,
  type Sampler,
  type TokenisedPrompt,
} from './engine/index.ts';
export { UserError } from './error/index.ts';
export {
  adaptAlpha,
  adaptiveInterval,
  applyCalibration,
  calibrationLine,
  chooseQuestions,
  estimateAccuracy,
  estimateFromDesign,
  benjaminiHochberg,
  estimatePrior,
  fitBetaPrior,
  fitCalibration,
  holm,
  meanPassAtK,
  pairedComparison,
  passAtK,
  plainMean,
  posteriorPassAtK,
  predictionPowered,
  reliability,
  residualInterval,
  shiftPrior,
  shrunkPassAtK,
  unpairedComparison,
} from './estimate/index.ts';
export {
  anyOutcomes,
  backtest,
  type BacktestReport,
  type BacktestRequest,
  type CheckpointPrediction,
  collectFitData,
  type CollectedLadders,
  collectLadders,
  evaluate,
  type EvaluationReport,
  extract,
  type ExtractReport,
  fit,
  type FitReport,
  forecast,
  type ForecastReport,
  type ForecastRequest,
  forecasts,
  type ForecastsReport,
  importRecords,
  type ImportReport,
  type JobContext,
  jobContext,
  label,
  type LabelReport,
  type LadderRequest,
  predict,
  compare,
  type CompareReport,
  type CompareRequest,
  status,
  type StatusReport,
  transfer,
  type TransferReport,
  writeRandomCheckpoint,
} from './jobs/index.ts';
export {
  accuracyOfItems,
  backTest,
  type BenchmarkForecast,
  clusteringQuality,
  clusterItems,
  codDefaults,
  type CodSettings,
  compareLadders,
  createCod,
  createLadderForecaster,
  type Evidence,
  evaluateLaw,
  fitCod,
  fitSubsetMap,
  forecastBenchmark,
  forecastCurve,
  type Forecaster,
  forecasters,
  gate,
  intervalWeights,
  judgeClusters,
  type Ladder,
  mapPoints,
  type MethodForecast,
  reachAccuracy,
  subLadder,
  type Target,
} from './forecast/index.ts';
export type { OutcomeRecord } from './outcomes/index.ts';
export {
  evaluateCheckpoint,
  fitProbe,
  predictCheckpoint,
  runPairs,
  runTransfer,
  type ProbeCard,
  type ProbeCheckpoint,
  type ProbeItem,
  type ProbeModel,
  summariseEvaluation,
} from './probe/index.ts';
export { readFloat32, readSafetensorsHeader, writeSafetensors } from './safetensors/index.ts';
export { oracleAuroc, softAuroc } from './stats/index.ts';
export { openStore, type Store } from './store/index.ts';
export { gradeAnswer, type Item, loadSuite, promptSha256, type Suite } from './suite/index.ts';
