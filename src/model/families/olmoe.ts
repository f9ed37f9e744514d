import type { ConfigReader } from '../config-reader.ts';
import type { ModelSpec } from '../model-spec.ts';
import { readRope } from '../rope.ts';
import { readDimensions } from './dimensions.ts';
import { frame, layersOf } from './frame.ts';
import { readMixture } from './mixture.ts';
import { wholeNorms } from './olmo2.ts';
import { attention, preNorm, rmsNorm } from './parts.ts';

/** OLMoE: norms in front as in Llama, queries and keys normed over all heads at once and clipped, a mixture on every layer. */
export function readOlmoe(config: ConfigReader): ModelSpec {
  const sizes = readDimensions(config, { headDim: 'quotient' });
  const epsilon = config.positive('rms_norm_eps', 1e-5);
  const bias = config.flag('attention_bias', false);
  const clip = config.positiveOrNull('clip_qkv', null);
  const mixture = readMixture(config, sizes, {
    intermediate: sizes.intermediate,
    experts: 64,
    chosen: 8,
  });
  const norm = (name: string) => rmsNorm(name, sizes.hidden, epsilon);
  const layers = layersOf(sizes.layers, (layer) =>
    preNorm(
      { layer, norm },
      {
        attention: attention(layer, sizes, {
          biases: { inputs: bias, output: bias },
          ...wholeNorms(layer, sizes, epsilon),
          clip,
        }),
        mlp: mixture(layer),
      },
    ),
  );
  const rope = readRope(config, { headDim: sizes.headDim, defaultTheta: 10_000 });
  return { family: 'olmoe', ...frame(config, sizes, { norm }), layers, ropes: [rope] };
}
