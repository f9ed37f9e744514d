import type { ConfigReader } from '../config-reader.ts';
import type { ModelSpec } from '../model-spec.ts';
import { readRope } from '../rope.ts';
import { readDimensions } from './dimensions.ts';
import { frame, layersOf } from './frame.ts';
import { attention, gatedMlp, preNorm, readActivation, rmsNorm } from './parts.ts';
import { FULL } from './windows.ts';

/** Llama 1–3.x and its many relatives (SmolLM, Yi, TinyLlama). */
export function readLlama(config: ConfigReader): ModelSpec {
  const sizes = readDimensions(config);
  const epsilon = config.positive('rms_norm_eps', 1e-6);
  const bias = config.flag('attention_bias', false);
  const mlpOptions = {
    activation: readActivation(config, 'silu'),
    bias: config.flag('mlp_bias', false),
  };
  config.perLayer('layer_types', sizes.layers, [FULL]);
  const norm = (name: string) => rmsNorm(name, sizes.hidden, epsilon);
  const layers = layersOf(sizes.layers, (layer) =>
    preNorm(
      { layer, norm },
      {
        attention: attention(layer, sizes, { biases: { inputs: bias, output: bias } }),
        mlp: gatedMlp(`${layer}.mlp`, sizes, mlpOptions),
      },
    ),
  );
  const rope = readRope(config, { headDim: sizes.headDim, defaultTheta: 10_000 });
  return { family: 'llama', ...frame(config, sizes, { norm }), layers, ropes: [rope] };
}
