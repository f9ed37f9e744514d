import type { ConfigReader } from '../config-reader.ts';
import type { ModelSpec } from '../model-spec.ts';
import { readRope } from '../rope.ts';
import { readDimensions } from './dimensions.ts';
import { frame, layersOf } from './frame.ts';
import { attention, gatedMlp, preNorm, readActivation, rmsNorm } from './parts.ts';

/** Mistral: Llama's block without biases, and one window on every layer; 4096 where the field is missing, none where it is null. */
export function readMistral(config: ConfigReader): ModelSpec {
  const sizes = readDimensions(config, { keyValueHeads: 8 });
  const epsilon = config.positive('rms_norm_eps', 1e-6);
  const window = config.sizeOrNull('sliding_window', 4096);
  const activation = readActivation(config, 'silu');
  const norm = (name: string) => rmsNorm(name, sizes.hidden, epsilon);
  const layers = layersOf(sizes.layers, (layer) =>
    preNorm(
      { layer, norm },
      {
        attention: attention(layer, sizes, { window }),
        mlp: gatedMlp(`${layer}.mlp`, sizes, { activation }),
      },
    ),
  );
  const rope = readRope(config, { headDim: sizes.headDim, defaultTheta: 10_000 });
  return { family: 'mistral', ...frame(config, sizes, { norm }), layers, ropes: [rope] };
}
