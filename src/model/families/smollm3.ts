import type { ConfigReader } from '../config-reader.ts';
import type { ModelSpec } from '../model-spec.ts';
import { readRope } from '../rope.ts';
import { readDimensions } from './dimensions.ts';
import { frame, layersOf } from './frame.ts';
import { attention, gatedMlp, preNorm, readActivation, rmsNorm } from './parts.ts';
import { readSwitchedWindow, switchedWindows } from './windows.ts';

/** SmolLM3: Llama's block, some layers without a rotation; `no_rope_layers` has 0 for those. */
export function readSmolLm3(config: ConfigReader): ModelSpec {
  const sizes = readDimensions(config, { keyValueHeads: 4 });
  const epsilon = config.positive('rms_norm_eps', 1e-6);
  const bias = config.flag('attention_bias', false);
  const mlpOptions = {
    activation: readActivation(config, 'silu'),
    bias: config.flag('mlp_bias', false),
  };
  const interval = config.size('no_rope_layer_interval', 4);
  const rotated =
    config.switches('no_rope_layers', sizes.layers) ??
    Array.from({ length: sizes.layers }, (_, i) => (i + 1) % interval !== 0);
  const windows = switchedWindows(config, readSwitchedWindow(config, null), {
    layers: sizes.layers,
    isSliding: (i) => rotated[i] === false,
  });
  const norm = (name: string) => rmsNorm(name, sizes.hidden, epsilon);
  const layers = layersOf(sizes.layers, (layer, i) =>
    preNorm(
      { layer, norm },
      {
        attention: attention(layer, sizes, {
          biases: { inputs: bias, output: bias },
          rope: rotated[i] === true ? 0 : null,
          window: windows[i] ?? null,
        }),
        mlp: gatedMlp(`${layer}.mlp`, sizes, mlpOptions),
      },
    ),
  );
  const rope = readRope(config, { headDim: sizes.headDim, defaultTheta: 2_000_000 });
  return {
    family: 'smollm3',
    ...frame(config, sizes, { norm, tied: true }),
    layers,
    ropes: [rope],
  };
}
