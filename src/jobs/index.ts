export {
  type ComparedQuestion,
  type ComparedTask,
  compare,
  type CompareReport,
  type CompareRequest,
  compareStored,
} from './compare.ts';
export {
  comparePredicted,
  type ComparePredictedRequest,
  type PredictedReport,
} from './compare-predictions.ts';
export { bundledSeries } from './bundled-series.ts';
export { demo, type DemoReport } from './demo.ts';
export { evaluate, type EvaluateRequest, type EvaluationReport } from './evaluate.ts';
export { extract, type ExtractOptions, type ExtractReport } from './extract.ts';
export { fit, type FitJobOptions, type FitReport } from './fit.ts';
export { collectFitData, type FitRequest } from './fit-data.ts';
export {
  createFrozenAnswers,
  backtest,
  type BacktestedBenchmark,
  type BacktestReport,
  type BacktestRequest,
  type BacktestSummary,
  collectLadders,
  type CollectedLadders,
  type Exclusion,
  forecast,
  type ForecastedBenchmark,
  type ForecastReport,
  type ForecastRequest,
  forecasts,
  type ForecastsReport,
  type ForecastsRequest,
  type FrozenAnswer,
  type LadderRequest,
  type ListedBenchmark,
  type ListedForecast,
  type Monitoring,
  type ScoreSummary,
} from './forecast/index.ts';
export {
  type ImportedFile,
  importRecords,
  type ImportRecordsOptions,
  type ImportReport,
} from './import/index.ts';
export { type InspectedCheckpoint, inspectCheckpoints } from './inspect.ts';
export type { LabelsReport } from './estimates.ts';
export type { ProbeCard } from '../probe/index.ts';
export type { SuiteRequest } from './known-suite.ts';
export { label, type LabelOptions, type LabelReport } from './label.ts';
export type { PassApart } from './pass-apart.ts';
export { anyOutcomes, type OutcomeChoice } from './outcome-choice.ts';
export { type OutputFile, prepareOutput } from './output-file.ts';
export {
  type CheckpointPrediction,
  predict,
  type PredictRequest,
  type TaskPrediction,
} from './predict.ts';
export { type LoadedProbe, showProbe } from './probe-files.ts';
export {
  type JobContext,
  jobContext,
  type ProgressListener,
  type ProgressStep,
  startProgress,
} from './progress.ts';
export { prepareStates, type PrepareStatesReport } from './prepare-states.ts';
export { writeRandomCheckpoint } from './random-checkpoint.ts';
export {
  type MeasuredRow,
  type PassAt,
  status,
  type StatusGap,
  type StatusReport,
  type StatusRequest,
} from './status.ts';
export type { StateOrigin, StateServerRequest } from './served-activations.ts';
export {
  transfer,
  type TransferCell,
  type TransferJobOptions,
  type TransferReport,
} from './transfer.ts';
export {
  type ExportKind,
  exportRecords,
  type ExportReport,
  type ExportRequest,
} from './export.ts';
export { type ShownAnswer, showItem, type ShowItemRequest, type ShownItem } from './show-item.ts';
export {
  type DocumentsReport,
  type DocumentsRequest,
  exportDocuments,
} from './export-every-eval-ever.ts';
export {
  type Board,
  type BoardRun,
  type BoardTask,
  type Body,
  checkpointsOf,
  describeForecast,
  describeProbe,
  describeTransfer,
  estimatesOf,
  forecastDetail,
  importsOf,
  itemMatrix,
  lastPairs,
  overviewOf,
  type PairedChanges,
  pairedChanges,
  type OverviewParts,
  probeDetail,
  questionOf,
  questionsOf,
  type MeasuredBoard,
  readBoard,
  readMeasuredBoard,
  type ReadProbe,
  readProbes,
  readTransfers,
  runsOf,
  tasksOf,
  timelineOf,
} from './views/index.ts';
export { sondeVersion } from './version.ts';
export {
  identifyProbe,
  type ProbeIdentity,
  registerCheckpoint,
  type RegisteredCheckpoint,
} from './watched.ts';
