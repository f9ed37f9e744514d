export {
  type EvaluationGiven,
  type TaskResult,
  toAggregateDocument,
  toInstanceRow,
} from './every-eval-ever/index.ts';
export { createFactsCheck } from './facts.ts';
export type {
  Importer,
  ImportOptions,
  LogAnswer,
  LogCheckpoint,
  LogClaim,
  LogFilter,
  LogModel,
  LogQuestion,
} from './importer.ts';
export {
  type Across,
  acrossNames,
  type Asked,
  differ,
  differenceReasons,
  isRephrased,
  type QuestionDifference,
  questionDifference,
} from './identity.ts';
export {
  describeJoin,
  joinOutcomes,
  type OutcomeJoin,
  type RefusalReason,
  type RefusedOutcome,
} from './join.ts';
export {
  differingFields,
  mergeOutcomes,
  type MergeResult,
  outcomeGroup,
  type OutcomePair,
} from './merge.ts';
export type {
  ColumnPath,
  NestedColumns,
  RecordTable,
  Table,
  TableFormat,
  TableOpener,
  TableRelation,
  TableRow,
} from './table.ts';
export {
  columnOf,
  type ColumnType,
  type FactField,
  factFields,
  isLabelSource,
  outcomeColumns,
  type OutcomeColumn,
  type OutcomeKind,
  type OutcomeRecord,
} from './record.ts';
export { createImporters } from './importers/index.ts';
export { damageOf } from './log/damaged-log.ts';
export { identifyById, identifyModel } from './log/identify-model.ts';
export { sourceRow } from './source-row.ts';
export { maxTextLength, renders, stages } from './validate-record.ts';
