export {
  type Board,
  type BoardRun,
  type BoardTask,
  type MeasuredBoard,
  readBoard,
  readMeasuredBoard,
} from './board.ts';
export type { Body } from './body.ts';
export { describeForecast, forecastDetail } from './forecasts.ts';
export { importsOf } from './imports.ts';
export { itemMatrix } from './item-matrix.ts';
export { lastPairs, type PairedChanges, pairedChanges } from './paired-changes.ts';
export { overviewOf, type OverviewParts, runsOf } from './overview.ts';
export { probeDetail } from './probe-detail.ts';
export { describeProbe, type ReadProbe, readProbes } from './probes.ts';
export { questionOf, questionsOf } from './question.ts';
export { checkpointsOf, estimatesOf, tasksOf } from './tasks.ts';
export { timelineOf } from './timeline.ts';
export { describeTransfer, readTransfers } from './transfers.ts';
