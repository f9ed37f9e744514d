import type { ConfigReader } from '../config-reader.ts';
import type { ModelSpec } from '../model-spec.ts';
import { readLlama } from './llama.ts';
import { readOlmo3 } from './olmo3.ts';
import { readQwen3 } from './qwen3.ts';

export type Family = {
  /** The class in `architectures`: other heads on the same body are other models. */
  readonly architecture: string;
  readonly read: (config: ConfigReader) => ModelSpec;
};

/** Families by `model_type`. */
export const FAMILIES: ReadonlyMap<string, Family> = new Map([
  ['llama', { architecture: 'LlamaForCausalLM', read: readLlama }],
  ['olmo3', { architecture: 'Olmo3ForCausalLM', read: readOlmo3 }],
  ['qwen3', { architecture: 'Qwen3ForCausalLM', read: readQwen3 }],
]);
