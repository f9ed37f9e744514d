export { type EstimateOptions, estimatePass, type PassEstimate } from './estimate-pass.ts';
export { keptLengths } from './extract-tokens.ts';
export type { EngineCheckpoint } from './loaded-model.ts';
export { type EngineOptions, type LocalEngine, openLocalEngine } from './local-engine.ts';
export { type BatchPlan, type PlanOptions, planBatches } from './plan-batches.ts';
export type { PassPlan, PlannedBatch, PlannedPrefix, PrefixSharing } from './plan-pass.ts';
export type {
  ExtractOptions,
  HeadPool,
  HiddenStateProvider,
  Pool,
  PooledBatch,
  SampledAnswers,
  SampleOptions,
  SamplePrompt,
  Sampler,
  TokenBatch,
  TokenisedPrompt,
  TokenOptions,
  TokenStateProvider,
} from './provider.ts';
