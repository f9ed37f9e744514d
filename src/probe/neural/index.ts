export { attentionPool, type AttentionPoolOptions } from './attention-pool.ts';
export { ensemble, type EnsembleOptions } from './ensemble.ts';
export { layerTransformer, type LayerTransformerOptions } from './layer-transformer.ts';
export { mlp, type MlpOptions } from './mlp.ts';
export { scalarMix, type ScalarMixOptions } from './scalar-mix.ts';
export type { TrainingOptions } from './training-options.ts';
export { twoStage, type TwoStageOptions } from './two-stage.ts';
