import type { ConfigReader } from '../config-reader.ts';
import type { ModelSpec } from '../model-spec.ts';
import { readGemma2, readGemma3Text } from './gemma.ts';
import { readGpt2 } from './gpt2.ts';
import { readGptNeox } from './gpt-neox.ts';
import { readLlama } from './llama.ts';
import { readMistral } from './mistral.ts';
import { readOlmo } from './olmo.ts';
import { readOlmo2, readOlmo3 } from './olmo2.ts';
import { readOlmoe } from './olmoe.ts';
import { readPhi3 } from './phi3.ts';
import { readQwen2 } from './qwen2.ts';
import { readQwen3 } from './qwen3.ts';
import { readQwen3Moe } from './qwen3-moe.ts';
import { readSmolLm3 } from './smollm3.ts';

export type Family = {
  /** The class in `architectures`: other heads on the same body are other models. */
  readonly architecture: string;
  readonly read: (config: ConfigReader) => ModelSpec;
};

/** Families by `model_type`. */
export const FAMILIES: ReadonlyMap<string, Family> = new Map([
  ['gemma2', { architecture: 'Gemma2ForCausalLM', read: readGemma2 }],
  ['gemma3_text', { architecture: 'Gemma3ForCausalLM', read: readGemma3Text }],
  ['gpt2', { architecture: 'GPT2LMHeadModel', read: readGpt2 }],
  ['gpt_neox', { architecture: 'GPTNeoXForCausalLM', read: readGptNeox }],
  ['llama', { architecture: 'LlamaForCausalLM', read: readLlama }],
  ['mistral', { architecture: 'MistralForCausalLM', read: readMistral }],
  ['olmo', { architecture: 'OlmoForCausalLM', read: readOlmo }],
  ['olmo2', { architecture: 'Olmo2ForCausalLM', read: readOlmo2 }],
  ['olmo3', { architecture: 'Olmo3ForCausalLM', read: readOlmo3 }],
  ['olmoe', { architecture: 'OlmoeForCausalLM', read: readOlmoe }],
  ['phi3', { architecture: 'Phi3ForCausalLM', read: readPhi3 }],
  ['qwen2', { architecture: 'Qwen2ForCausalLM', read: readQwen2 }],
  ['qwen3', { architecture: 'Qwen3ForCausalLM', read: readQwen3 }],
  ['qwen3_moe', { architecture: 'Qwen3MoeForCausalLM', read: readQwen3Moe }],
  ['smollm3', { architecture: 'SmolLM3ForCausalLM', read: readSmolLm3 }],
]);
