export type {
  Activations,
  ProbeCheckpoint,
  ProbeCheckpointFacts,
  ProbeItem,
  ProbeLayout,
  ProbePool,
  TokenStates,
} from './activations.ts';
export {
  ARCHITECTURES,
  type ArchitectureName,
  architectureOf,
  halfWay,
  tokenLayersOf,
} from './architectures.ts';
export type { CalibrationName } from './calibration.ts';
export type { CellScores, FullCellScores } from './cells.ts';
export type { ProbeStatus } from './drift.ts';
export type { FittedProbe, NamedTensor, Probe, ProbeData, StopReason } from './estimator.ts';
export {
  evaluateCheckpoint,
  evaluateItems,
  type EvaluationRow,
  type EvaluationSummary,
  type Outcomes,
  type Split,
  summariseEvaluation,
} from './evaluate.ts';
export { fitProbe } from './fit.ts';
export type { FitData, FitOptions } from './fit-settings.ts';
export { createKernel, type Kernel } from './kernel.ts';
export { logistic, type LogisticOptions } from './logistic.ts';
export type { PairedDifference } from './paired-difference.ts';
export { type PairsOptions, type PairsResult, runPairs } from './pairs.ts';
export {
  type CheckpointPrediction,
  type CorrectedByLabels,
  type Labels,
  predictCheckpoint,
  type PredictOptions,
  type TaskPrediction,
} from './predict.ts';
export { isTooWide } from './remeasure.ts';
export { parseProbeCard } from './card-schema.ts';
export { type BaselineName, type ProbeCard, type ProbeModel } from './probe-model.ts';
export type { Refit } from './refit.ts';
export type { Align, Standardise } from './representation.ts';
export type { ScoringInput } from './scored-checkpoint.ts';
export type { SelectionRow } from './selection.ts';
export { modelFromTensors, modelToTensors } from './serialise.ts';
export {
  runTransfer,
  type TransferOptions,
  type TransferResult,
  type TransferTrain,
} from './transfer.ts';
export type { TransferBreak } from './transfer-breaks.ts';
export type { TransferCell, TransferFall } from './transfer-cells.ts';
export type { LeaveTaskOut } from './transfer-tasks.ts';
