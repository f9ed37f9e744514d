export { type Board, type BoardRun, type BoardTask, readBoard } from './board.ts';
export type { Body } from './body.ts';
export { importsOf } from './imports.ts';
export { itemMatrix } from './item-matrix.ts';
export { overviewOf, type OverviewParts, runsOf } from './overview.ts';
export { questionOf } from './question.ts';
export { checkpointsOf, estimatesOf, tasksOf } from './tasks.ts';
export { timelineOf } from './timeline.ts';
