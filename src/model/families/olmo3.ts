import type { ConfigReader } from '../config-reader.ts';
import type { ModelSpec } from '../model-spec.ts';
import { readRope } from '../rope.ts';
import { frame, gatedMlp, projections, readDimensions, rmsNorm, RopeList } from './decoder.ts';

/**
 * OLMo-3: norms after attention and MLP instead of before, queries and keys normed over all heads at once, sliding
 * and full layers. A rope scaling holds for the full layers only, as trained (transformers 4.57; some 5.x releases
 * applied it to all); a config that nests rotations by layer type is followed as it says.
 */
export function readOlmo3(config: ConfigReader): ModelSpec {
  const sizes = readDimensions(config);
  const epsilon = config.positive('rms_norm_eps', 1e-5);
  const bias = config.flag('attention_bias', false);
  const types =
    config.perLayer('layer_types', sizes.layers, ['full_attention', 'sliding_attention']) ??
    Array.from({ length: sizes.layers }, (_, i) =>
      (i + 1) % 4 === 0 ? 'full_attention' : 'sliding_attention',
    );
  const window = config.size('sliding_window', 4096);
  const ropes = new RopeList();
  config.only('hidden_act', ['silu']);
  const layers = types.map((layerType, i) => {
    const layer = `model.layers.${i}`;
    const sliding = layerType === 'sliding_attention';
    const rope = readRope(config, {
      headDim: sizes.headDim,
      // The class default is 10,000 in transformers 4 and 500,000 in 5.
      defaultTheta: null,
      layerType,
      unscaled: sliding,
    });
    return {
      attentionNorm: null,
      attention: {
        ...sizes,
        ...projections(layer, sizes, bias),
        queryNorm: rmsNorm(`${layer}.self_attn.q_norm`, sizes.heads * sizes.headDim, epsilon),
        keyNorm: rmsNorm(`${layer}.self_attn.k_norm`, sizes.keyValueHeads * sizes.headDim, epsilon),
        rope: ropes.index(rope),
        window: sliding ? window : null,
        scale: sizes.headDim ** -0.5,
      },
      attentionOutputNorm: rmsNorm(`${layer}.post_attention_layernorm`, sizes.hidden, epsilon),
      mlpNorm: null,
      mlp: gatedMlp(layer, sizes, false),
      mlpOutputNorm: rmsNorm(`${layer}.post_feedforward_layernorm`, sizes.hidden, epsilon),
    };
  });
  return { family: 'olmo3', ...frame(config, sizes, epsilon), layers, ropes: ropes.ropes };
}
