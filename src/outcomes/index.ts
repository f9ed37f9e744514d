export { createFactsCheck } from './facts.ts';
export type { Importer, ImportOptions } from './importer.ts';
export {
  describeJoin,
  joinOutcomes,
  type OutcomeJoin,
  type RefusalReason,
  type RefusedOutcome,
} from './join.ts';
export {
  mergeOutcomes,
  type MergeResult,
  outcomeGroup,
  type OutcomePair,
} from './merge.ts';
export {
  createNativeImporters,
  type Table,
  type TableFormat,
  type TableOpener,
  type TableRow,
} from './native-importer.ts';
export {
  columnOf,
  type FactField,
  factFields,
  isLabelSource,
  outcomeColumns,
  type OutcomeColumn,
  type OutcomeKind,
  type OutcomeRecord,
} from './record.ts';
export { sourceRow } from './source-row.ts';
