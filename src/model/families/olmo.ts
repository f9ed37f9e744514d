import type { ConfigReader } from '../config-reader.ts';
import type { ModelSpec, NormSpec } from '../model-spec.ts';
import { readRope } from '../rope.ts';
import { readDimensions } from './dimensions.ts';
import { frame, layersOf } from './frame.ts';
import { attention, gatedMlp, preNorm, readActivation } from './parts.ts';

/** OLMo 1: Llama's block with norms that have no weights, and queries, keys and values clipped where `clip_qkv` says so. */
export function readOlmo(config: ConfigReader): ModelSpec {
  const sizes = readDimensions(config);
  const bias = config.flag('attention_bias', false);
  const clip = config.positiveOrNull('clip_qkv', null);
  const activation = readActivation(config, 'silu');
  const norm = (): NormSpec => ({
    kind: 'layer',
    weight: null,
    bias: null,
    size: sizes.hidden,
    // The class states it: no field of the config does.
    epsilon: 1e-5,
    offset: 0,
  });
  const layers = layersOf(sizes.layers, (layer) =>
    preNorm(
      { layer, norm },
      {
        attention: attention(layer, sizes, { biases: { inputs: bias, output: bias }, clip }),
        mlp: gatedMlp(`${layer}.mlp`, sizes, { activation }),
      },
    ),
  );
  const rope = readRope(config, { headDim: sizes.headDim, defaultTheta: 10_000 });
  return { family: 'olmo', ...frame(config, sizes, { norm }), layers, ropes: [rope] };
}
