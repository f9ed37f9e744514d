export { cacheNames } from './blocks/cache-outputs.ts';
export { buildDecode, newNames, suffixNames } from './decode.ts';
export { forwardFlopsPerToken } from './flops.ts';
export { buildHeadSlice, HEAD_SLICE_OUTPUTS, type VocabularySlice } from './head-slice.ts';
export { buildHead, HEAD_OUTPUTS, NEXT_TOKENS } from './head.ts';
export { type GivenWeights, int8Names, withInt8Products } from './int8.ts';
export type { AttentionSpec, LayerSpec, LinearSpec, MlpSpec, ModelSpec } from './model-spec.ts';
export { innerWidth, layerLinears } from './parts.ts';
export type { StatePool } from './pooling.ts';
export { type NextTokens, NEXT_VALUES } from './next-tokens.ts';
export {
  buildPrefill,
  type ModelGraph,
  NORMED_STATES,
  prefillFeeds,
  type PrefillOptions,
} from './prefill.ts';
export {
  emptyInt8Weights,
  type Int8Weights,
  quantiseOutputs,
  quantiseTransposed,
} from './quantise.ts';
export { readModelSpec, type Support, supportOf } from './read-model-spec.ts';
export { RopeFeeds } from './rope-feeds.ts';
export { type ComputedPrefix, placeFeeds, type SharedBatch, sharedFeeds } from './shared-feeds.ts';
export { buildStage, CHOSEN_STATES, STATES_IN, STATES_OUT } from './stage.ts';
export { withStandardOperators } from './standard-operators.ts';
export { buildTokenStates, chosenFeeds, TOKEN_STATES } from './token-states.ts';
export { checkTensors, offsetNormWeights, type Tensors } from './weights.ts';
