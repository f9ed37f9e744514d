export { answerPath } from './answer-path.ts';
export {
  type Acknowledgement,
  acknowledgementSchema,
  type Alert,
  type AlertKind,
  alertKinds,
  alertSchema,
  type StoredAlert,
  storedAlertSchema,
} from './alert.ts';
export { type Checkpoint, checkpointSchema } from './checkpoint.ts';
export {
  type ComparedQuestion,
  type ComparedTask,
  type Comparison,
  comparisonSchema,
} from './compare.ts';
export {
  type CheckpointEvent,
  eventSchema,
  type ForecastEvent,
  type ImportEvent,
  type JobEvent,
  type PartEvent,
  type StoreEvent,
  type TransferEvent,
} from './events.ts';
export type { Cluster, Clusters } from './forecast-clusters.ts';
export type { ForecastMethod } from './forecast-methods.ts';
export {
  type Forecast,
  type ForecastDetail,
  forecastDetailSchema,
  type ForecastedBenchmark,
  type ForecastedTask,
  forecastSchema,
  type LadderPoint,
} from './forecasts.ts';
export {
  type Conflict,
  type Gap,
  type ImportedSource,
  type Imports,
  importsSchema,
  type RefusedSource,
} from './imports.ts';
export {
  type ItemAnswer,
  type ItemMatrix,
  itemMatrixSchema,
  type ItemOutcome,
  type ItemPrediction,
  type MatrixItem,
  type Question,
  type ShownItem,
  shownItemSchema,
} from './items.ts';
export { type Estimate, type Measured, type Task, taskSchema } from './measures.ts';
export {
  type Change,
  type Overview,
  type OverviewRun,
  overviewSchema,
  type Run,
  runSchema,
  type ScoreRow,
} from './overview.ts';
export {
  type Probe,
  type ProbeCell,
  type ProbeDetail,
  probeDetailSchema,
  probeSchema,
  type ProbeScore,
  type ReliabilityBin,
} from './probes.ts';
export {
  type AlertsQuery,
  alertsQuery,
  type CheckpointsQuery,
  checkpointsQuery,
  type CompareQuery,
  compareQuery,
  type EstimatesQuery,
  estimatesQuery,
  type ForecastsQuery,
  forecastsQuery,
  type ImportsQuery,
  importsQuery,
  type ItemQuery,
  itemQuery,
  type ItemsQuery,
  itemsQuery,
  noQuery,
  type OverviewQuery,
  overviewQuery,
  type PageQuery,
  pageQuery,
  type RunQuery,
  runQuery,
  type TasksQuery,
  tasksQuery,
} from './queries.ts';
export { apiRoot, type Route, routes } from './routes.ts';
export { type ErrorAnswer, type ErrorCode, errorSchema, type Health } from './service.ts';
export {
  type ForecastPoint,
  type ProbedPoint,
  type ProbedSeries,
  type RunTimeline,
  runTimelineSchema,
  type TaskTimeline,
} from './timeline.ts';
export {
  type Transfer,
  type TransferBreak,
  type TransferCell,
  type TransferDetail,
  transferDetailSchema,
  type TransferLeftOut,
  type TransferMatrix,
  transferMatrixSchema,
  transferSchema,
  type TransferScores,
} from './transfers.ts';
export { type Answer, type Page, pageSchema } from './values.ts';
