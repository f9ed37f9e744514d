import type { ConfigReader } from '../config-reader.ts';
import type { ModelSpec } from '../model-spec.ts';
import { readRope } from '../rope.ts';
import { readDimensions } from './dimensions.ts';
import { frame, layersOf } from './frame.ts';
import { attention, gatedMlp, preNorm, readActivation, rmsNorm } from './parts.ts';
import { lateWindows } from './windows.ts';

/** Qwen2 and 2.5: Llama's block with biases on queries, keys and values, and windows on late layers where switched on. */
export function readQwen2(config: ConfigReader): ModelSpec {
  const sizes = readDimensions(config, { keyValueHeads: 32 });
  const epsilon = config.positive('rms_norm_eps', 1e-6);
  const windows = lateWindows(config, sizes.layers);
  const activation = readActivation(config, 'silu');
  const norm = (name: string) => rmsNorm(name, sizes.hidden, epsilon);
  const layers = layersOf(sizes.layers, (layer, i) =>
    preNorm(
      { layer, norm },
      {
        attention: attention(layer, sizes, {
          biases: { inputs: true, output: false },
          window: windows[i] ?? null,
        }),
        mlp: gatedMlp(`${layer}.mlp`, sizes, { activation }),
      },
    ),
  );
  const rope = readRope(config, { headDim: sizes.headDim, defaultTheta: 10_000 });
  return { family: 'qwen2', ...frame(config, sizes, { norm }), layers, ropes: [rope] };
}
