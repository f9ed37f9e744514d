import type { ConfigReader } from '../config-reader.ts';
import type { DenseMlp, LinearGroup, ModelSpec } from '../model-spec.ts';
import { readRope } from '../rope.ts';
import { type Dimensions, readDimensions } from './dimensions.ts';
import { frame, layersOf } from './frame.ts';
import { attention, linear, preNorm, readActivation, rmsNorm } from './parts.ts';

/** Phi-3: Llama's block with queries, keys and values in one matrix, gate and up in another, and one window on all layers. */
export function readPhi3(config: ConfigReader): ModelSpec {
  const sizes = readDimensions(config);
  const epsilon = config.positive('rms_norm_eps', 1e-5);
  const window = config.sizeOrNull('sliding_window', null);
  const activation = readActivation(config, 'silu');
  const rope = readRope(config, {
    headDim: sizes.headDim,
    defaultTheta: 10_000,
    partial: { fallback: 1, fields: ['partial_rotary_factor'] },
    // What the class knows besides, `longrope`, rotates the tokens of a prompt by how long the longest in its batch is.
    types: ['default'],
  });
  // Only `longrope` reads it.
  config.raw('original_max_position_embeddings');
  const norm = (name: string) => rmsNorm(name, sizes.hidden, epsilon);
  const layers = layersOf(sizes.layers, (layer) =>
    preNorm(
      { layer, norm },
      {
        attention: attention(layer, sizes, { projections: projections(layer, sizes), window }),
        mlp: mlp(layer, sizes, activation),
      },
    ),
  );
  return { family: 'phi3', ...frame(config, sizes, { norm }), layers, ropes: [rope] };
}

function projections(
  layer: string,
  { hidden, heads, keyValueHeads, headDim }: Dimensions,
): LinearGroup {
  const widths = [heads, keyValueHeads, keyValueHeads].map((count) => count * headDim);
  const outputs = widths.reduce((sum, width) => sum + width, 0);
  return {
    fused: linear(`${layer}.self_attn.qkv_proj`, [hidden, outputs], false),
    widths,
    perHead: null,
  };
}

function mlp(
  layer: string,
  { hidden, intermediate }: Dimensions,
  activation: DenseMlp['activation'],
): DenseMlp {
  return {
    kind: 'dense',
    inner: {
      fused: linear(`${layer}.mlp.gate_up_proj`, [hidden, 2 * intermediate], false),
      widths: [intermediate, intermediate],
      perHead: null,
    },
    activation,
    down: linear(`${layer}.mlp.down_proj`, [intermediate, hidden], false),
  };
}
