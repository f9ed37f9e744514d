export { type AnswerKind, type AnswerMode, chooseAnswerMode } from './answer-mode.ts';
export { type EstimateOptions, estimatePass, type PassEstimate } from './estimate-pass.ts';
export { keptLengths } from './extract-tokens.ts';
export { int8Steps } from './int8-steps.ts';
export type { EngineCheckpoint, Precision } from './loaded-model.ts';
export { type EngineOptions, type LocalEngine, openLocalEngine } from './local-engine.ts';
export { type BatchPlan, type PlanOptions, planBatches } from './plan-batches.ts';
export type { PassPlan, PlannedBatch, PlannedPrefix, PrefixSharing } from './plan-pass.ts';
export { choosePassMode, type PassLimits, type PassMode } from './pass-mode.ts';
export type {
  Asked,
  ChoiceScore,
  ChoiceScorer,
  ExtractOptions,
  HeadPool,
  HiddenStateProvider,
  Pool,
  PooledBatch,
  SampledAnswers,
  SampleOptions,
  SamplePrompt,
  Sampler,
  ScorePrompt,
  ServedPrompt,
  ServedScorePrompt,
  TokenBatch,
  TokenCost,
  TokenisedPrompt,
  TokenOptions,
  TokenStateProvider,
} from './provider.ts';
export {
  onlyServedModel,
  openServer,
  parseServerUrl,
  type ServerEngine,
  type ServerOptions,
} from './server/index.ts';
export type { StateServerKind } from './server/states/state-source.ts';
export {
  openStateServer,
  type StateServer,
  type StateServerOptions,
} from './server/states/state-server.ts';
