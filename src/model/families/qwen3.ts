import type { ConfigReader } from '../config-reader.ts';
import type { MlpSpec, ModelSpec } from '../model-spec.ts';
import { readRope } from '../rope.ts';
import { type DimensionOptions, type Dimensions, readDimensions } from './dimensions.ts';
import { frame, layersOf } from './frame.ts';
import { attention, gatedMlp, preNorm, readActivation, rmsNorm } from './parts.ts';
import { lateWindows } from './windows.ts';

/** Qwen3: Llama's block with a norm over each head of queries and keys, and windows on late layers where switched on. */
export function readQwen3(config: ConfigReader): ModelSpec {
  const activation = readActivation(config, 'silu');
  return readQwen3Body(config, {
    family: 'qwen3',
    defaults: { headDim: 128, keyValueHeads: 32 },
    windows: (layers) => lateWindows(config, layers),
    mlps: (sizes) => (layer) => gatedMlp(`${layer}.mlp`, sizes, { activation }),
  });
}

export type Qwen3Kind = {
  readonly family: string;
  readonly defaults: DimensionOptions;
  readonly windows: (layers: number) => readonly (number | null)[];
  readonly mlps: (sizes: Dimensions) => (layer: string, i: number) => MlpSpec;
};

/** What the dense and the mixed models share. */
export function readQwen3Body(config: ConfigReader, kind: Qwen3Kind): ModelSpec {
  const sizes = readDimensions(config, kind.defaults);
  const epsilon = config.positive('rms_norm_eps', 1e-6);
  const bias = config.flag('attention_bias', false);
  const windows = kind.windows(sizes.layers);
  const mlp = kind.mlps(sizes);
  const norm = (name: string) => rmsNorm(name, sizes.hidden, epsilon);
  const layers = layersOf(sizes.layers, (layer, i) =>
    preNorm(
      { layer, norm },
      {
        attention: attention(layer, sizes, {
          biases: { inputs: bias, output: bias },
          queryNorm: rmsNorm(`${layer}.self_attn.q_norm`, sizes.headDim, epsilon),
          keyNorm: rmsNorm(`${layer}.self_attn.k_norm`, sizes.headDim, epsilon),
          window: windows[i] ?? null,
        }),
        mlp: mlp(layer, i),
      },
    ),
  );
  const rope = readRope(config, { headDim: sizes.headDim, defaultTheta: 10_000 });
  return { family: kind.family, ...frame(config, sizes, { norm }), layers, ropes: [rope] };
}
