import type { ConfigReader } from '../config-reader.ts';
import type { ModelSpec } from '../model-spec.ts';
import { readRope } from '../rope.ts';
import { frame, gatedMlp, projections, readDimensions, rmsNorm } from './decoder.ts';

/** Llama 1–3.x and its many relatives (SmolLM, Yi, TinyLlama). */
export function readLlama(config: ConfigReader): ModelSpec {
  const sizes = readDimensions(config);
  const epsilon = config.positive('rms_norm_eps', 1e-6);
  const attentionBias = config.flag('attention_bias', false);
  const mlpBias = config.flag('mlp_bias', false);
  const rope = readRope(config, { headDim: sizes.headDim, defaultTheta: 10_000 });
  config.only('hidden_act', ['silu']);
  config.perLayer('layer_types', sizes.layers, ['full_attention']);
  const layers = Array.from({ length: sizes.layers }, (_, i) => {
    const layer = `model.layers.${i}`;
    return {
      attentionNorm: rmsNorm(`${layer}.input_layernorm`, sizes.hidden, epsilon),
      attention: {
        ...sizes,
        ...projections(layer, sizes, attentionBias),
        queryNorm: null,
        keyNorm: null,
        rope: 0,
        window: null,
        scale: sizes.headDim ** -0.5,
      },
      attentionOutputNorm: null,
      mlpNorm: rmsNorm(`${layer}.post_attention_layernorm`, sizes.hidden, epsilon),
      mlp: gatedMlp(layer, sizes, mlpBias),
      mlpOutputNorm: null,
    };
  });
  return { family: 'llama', ...frame(config, sizes, epsilon), layers, ropes: [rope] };
}
