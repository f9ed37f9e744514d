import type { ConfigReader } from '../config-reader.ts';
import type { LayerSpec, ModelSpec } from '../model-spec.ts';
import { readRope } from '../rope.ts';
import { type Dimensions, readDimensions } from './dimensions.ts';
import { frame, layersOf } from './frame.ts';
import { attention, gatedMlp, readActivation, RopeList, rmsNorm } from './parts.ts';
import { readLayerTypes, SLIDING } from './windows.ts';

/** OLMo-2: norms after attention and MLP instead of before, queries and keys normed over all heads at once. */
export function readOlmo2(config: ConfigReader): ModelSpec {
  const sizes = readDimensions(config);
  const rope = readRope(config, { headDim: sizes.headDim, defaultTheta: 10_000 });
  const blocks = Array<Block>(sizes.layers).fill({ rope: 0, window: null });
  return { family: 'olmo2', ...body(config, sizes, blocks), ropes: [rope] };
}

/**
 * OLMo-3: OLMo-2 with sliding and full layers. A rope scaling holds for the full layers only, as trained (transformers
 * 4.57; some 5.x releases applied it to all); a config that nests rotations by layer type is followed as it says.
 */
export function readOlmo3(config: ConfigReader): ModelSpec {
  const sizes = readDimensions(config);
  const types = readLayerTypes(config, sizes.layers, (i) => (i + 1) % 4 !== 0);
  const window = config.size('sliding_window', 4096);
  const ropes = new RopeList((layerType) =>
    readRope(config, {
      headDim: sizes.headDim,
      // The class default is 10,000 in transformers 4 and 500,000 in 5.
      defaultTheta: null,
      layerType,
      unscaled: layerType === SLIDING,
    }),
  );
  const blocks = types.map(
    (layerType): Block => ({
      rope: ropes.index(layerType),
      window: layerType === SLIDING ? window : null,
    }),
  );
  return { family: 'olmo3', ...body(config, sizes, blocks), ropes: ropes.ropes };
}

type Block = { readonly rope: number; readonly window: number | null };

function body(
  config: ConfigReader,
  sizes: Dimensions,
  blocks: readonly Block[],
): Omit<ModelSpec, 'family' | 'ropes'> {
  const epsilon = config.positive('rms_norm_eps', 1e-5);
  const bias = config.flag('attention_bias', false);
  const activation = readActivation(config, 'silu');
  const norm = (name: string) => rmsNorm(name, sizes.hidden, epsilon);
  const layers = layersOf(
    sizes.layers,
    (layer, i): LayerSpec => ({
      attentionNorm: null,
      attention: attention(layer, sizes, {
        biases: { inputs: bias, output: bias },
        ...wholeNorms(layer, sizes, epsilon),
        ...blocks[i],
      }),
      attentionOutputNorm: norm(`${layer}.post_attention_layernorm`),
      mlpNorm: null,
      mlp: gatedMlp(`${layer}.mlp`, sizes, { activation }),
      mlpOutputNorm: norm(`${layer}.post_feedforward_layernorm`),
      parallel: false,
    }),
  );
  return { ...frame(config, sizes, { norm }), layers };
}

/** Norms of queries and keys over all heads at once. */
export function wholeNorms(
  layer: string,
  { heads, keyValueHeads, headDim }: Dimensions,
  epsilon: number,
): { queryNorm: ReturnType<typeof rmsNorm>; keyNorm: ReturnType<typeof rmsNorm> } {
  return {
    queryNorm: rmsNorm(`${layer}.self_attn.q_norm`, heads * headDim, epsilon),
    keyNorm: rmsNorm(`${layer}.self_attn.k_norm`, keyValueHeads * headDim, epsilon),
  };
}
