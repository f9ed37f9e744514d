import type { ModelSpec } from './model-spec.ts';

/**
 * The model in operators that every execution provider computes alike. The grouped attention of the processor is wrong on
 * WebGPU in onnxruntime 1.30 (states were 4 to 70 % off), and CUDA has it for half precision alone; a table in float16 is
 * cast before its rows are taken, as some GPUs have no float16. It takes more memory: scores of whole prompts are held.
 * What a provider has no kernel for runs on the processor.
 */
export function withStandardOperators(spec: ModelSpec): ModelSpec {
  return {
    ...spec,
    embedding: { ...spec.embedding, castFirst: true },
    layers: spec.layers.map((layer) => ({
      ...layer,
      attention: { ...layer.attention, operator: 'standard' as const },
    })),
  };
}
