export { type ActivationDraft, openActivationDraft } from './activation-draft.ts';
export { type ActivationFile, openActivationFile } from './activation-file.ts';
export {
  activationBytes,
  type ActivationDtype,
  type ActivationLayout,
  type ActivationPool,
} from './activation-layout.ts';
export type { ActivationFolder, ActivationKey } from './activation-folder.ts';
export type { AlertFolder, AlertRecord, StoredAlert } from './alert-folder.ts';
export { atomicWrite } from './atomic.ts';
export type { CheckedFolder } from './checked-folder.ts';
export {
  contentsVersion,
  type KindContents,
  type StoreContents,
  type StoreKind,
} from './contents.ts';
export type { EstimateRecord } from './estimate-shape.ts';
export type { StoredFacts } from './facts.ts';
export { encodeId } from './file-name.ts';
export { canonicalJson, type FrozenDocument, type FrozenFolder } from './frozen-folder.ts';
export type { ItemRate } from './item-rates.ts';
export { type JobRecord, parseJobRecord } from './job-record.ts';
export type { JsonDocument, JsonFolder } from './json-folder.ts';
export type { StoredOutcome } from './outcome-rows.ts';
export type { LogAnswerRecord } from './log-answer-shape.ts';
export type { OutcomeQuery } from './outcome-sql.ts';
export type {
  PredictedOutcome,
  PredictedOutcomes,
  PredictedQuery,
} from './predicted-outcomes.ts';
export type {
  CountedOutcomes,
  ItemGroups,
  OutcomeStore,
  PairedDifference,
  TaskPair,
  StatusCell,
  StatusRow,
  StoredTask,
  TaskQuery,
} from './outcome-store.ts';
export type { RecordDraft } from './record-draft.ts';
export type { RecordParts, RecordQuery } from './record-parts.ts';
export type { AnswerRecord, PredictionRecord } from './record-shapes.ts';
export type { RefusedImport } from './refused-import.ts';
export { openStore, type Store } from './store.ts';
export type { StoredSource } from './stored-sources.ts';
export type { ImportedSuiteDraft } from './imported-suite-draft.ts';
export type { ImportedSuite, SuiteFolder } from './suite-folder.ts';
export type { TableContent, TableFileFormat } from './table-file.ts';
export { openTokenDraft, type TokenDraft } from './token-draft.ts';
export { openTokenFile, type TokenFile, type TokenStatesOfRows } from './token-file.ts';
export { tokenBytes, type TokenLayout } from './token-layout.ts';
export type { FolderVersion, VersionedFolders } from './versioned-folder.ts';
export type { OutcomeOrigin, WriteReport } from './write-outcomes.ts';
