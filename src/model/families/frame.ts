import type { ConfigReader } from '../config-reader.ts';
import type { ModelSpec, NormSpec } from '../model-spec.ts';
import type { Dimensions } from './dimensions.ts';
import { linear } from './parts.ts';

type Frame = Omit<ModelSpec, 'family' | 'layers' | 'ropes'>;

export type FrameOptions = {
  readonly norm: (name: string) => NormSpec;
  /** Whether head and embedding are one where the config does not say. @default false */
  readonly tied?: boolean;
  /** Factor on the embedding. @default 1 */
  readonly scale?: number;
  readonly logitSoftcap?: number | null;
};

/** What stands around the blocks, under the names of Llama. */
export function frame(
  config: ConfigReader,
  { hidden, vocabulary }: Dimensions,
  { norm, tied = false, scale = 1, logitSoftcap = null }: FrameOptions,
): Frame {
  const embedding = 'model.embed_tokens';
  const oneTable = config.flag('tie_word_embeddings', tied);
  return {
    hidden,
    vocabulary,
    contextLength: config.contextLength(),
    prefix: 'model.',
    embedding: { table: `${embedding}.weight`, scale, positions: null },
    finalNorm: norm('model.norm'),
    head: linear(oneTable ? embedding : 'lm_head', [hidden, vocabulary], false),
    logitSoftcap,
  };
}

/** `make` for each layer, under `model.layers.N`. */
export function layersOf<T>(count: number, make: (layer: string, i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(`model.layers.${i}`, i));
}
