export {
  type Acknowledgement,
  acknowledgementSchema,
  type Alert,
  type AlertKind,
  alertSchema,
} from './alert.ts';
export type { Checkpoint } from './checkpoint.ts';
export type { ComparedQuestion, ComparedTask, Comparison } from './compare.ts';
export {
  type CheckpointEvent,
  eventSchema,
  type ForecastEvent,
  type JobEvent,
  type PartEvent,
  type StoreEvent,
} from './events.ts';
export type { Cluster, Clusters } from './forecast-clusters.ts';
export type { ForecastMethod } from './forecast-methods.ts';
export type {
  Forecast,
  ForecastDetail,
  ForecastedBenchmark,
  ForecastedTask,
  LadderPoint,
} from './forecasts.ts';
export type { Conflict, Gap, ImportedSource, Imports } from './imports.ts';
export type {
  ItemAnswer,
  ItemMatrix,
  ItemOutcome,
  ItemPrediction,
  MatrixItem,
  Question,
  ShownItem,
} from './items.ts';
export type { Estimate, Measured, Task } from './measures.ts';
export type { Change, Overview, OverviewRun, Run, ScoreRow } from './overview.ts';
export type { Probe, ProbeCell, ProbeDetail, ProbeScore, ReliabilityBin } from './probes.ts';
export type {
  AlertsQuery,
  CheckpointsQuery,
  CompareQuery,
  EstimatesQuery,
  ForecastsQuery,
  ImportsQuery,
  ItemQuery,
  ItemsQuery,
  OverviewQuery,
  PageQuery,
  RunQuery,
  TasksQuery,
} from './queries.ts';
export { apiRoot, type Route, routes } from './routes.ts';
export { type ErrorAnswer, type ErrorCode, errorSchema, type Health } from './service.ts';
export type {
  ForecastPoint,
  ProbedPoint,
  ProbedSeries,
  RunTimeline,
  TaskTimeline,
} from './timeline.ts';
export type { Answer, Page } from './values.ts';
