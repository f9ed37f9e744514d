import type { ConfigReader } from '../config-reader.ts';
import type { AttentionSpec, LayerSpec, ModelSpec, NormSpec } from '../model-spec.ts';
import { readRope } from '../rope.ts';
import { type Dimensions, readDimensions } from './dimensions.ts';
import { frame, layersOf } from './frame.ts';
import { attention, gatedMlp, readActivation, RopeList, rmsNorm } from './parts.ts';
import { readLayerTypes, SLIDING } from './windows.ts';

const DEFAULTS = { headDim: 256, keyValueHeads: 4 };

/** Gemma-2: norms before and after attention and MLP, soft caps on scores and logits, windows on every other layer. */
export function readGemma2(config: ConfigReader): ModelSpec {
  const sizes = readDimensions(config, DEFAULTS);
  const types = readLayerTypes(config, sizes.layers, (i) => i % 2 === 0);
  const window = config.size('sliding_window', 4096);
  const softcap = config.positiveOrNull('attn_logit_softcapping', 50);
  const rope = readRope(config, { headDim: sizes.headDim, defaultTheta: 10_000 });
  const blocks = types.map(
    (type): Block => ({ rope: 0, window: type === SLIDING ? window : null, softcap }),
  );
  const logitSoftcap = config.positiveOrNull('final_logit_softcapping', 30);
  return {
    family: 'gemma2',
    ...body(config, sizes, { blocks, logitSoftcap, qkNorms: false }),
    ropes: [rope],
  };
}

/**
 * Gemma-3's text model: Gemma-2 with norms over each head of queries and keys in place of soft caps, five sliding layers
 * to a full one, and a rotation of their own for the sliding ones, which no scaling touches.
 */
export function readGemma3Text(config: ConfigReader): ModelSpec {
  const sizes = readDimensions(config, DEFAULTS);
  // The count is an older form of `layer_types`.
  const pattern = config.size('sliding_window_pattern', 6);
  const types = readLayerTypes(config, sizes.layers, (i) => (i + 1) % pattern !== 0);
  const window = config.size('sliding_window', 4096);
  config.only('use_bidirectional_attention', [false]);
  const ropes = new RopeList((layerType) =>
    readRope(config, {
      headDim: sizes.headDim,
      layerType,
      unscaled: layerType === SLIDING,
      ...(layerType === SLIDING
        ? { thetaField: 'rope_local_base_freq', defaultTheta: 10_000 }
        : { defaultTheta: 1_000_000 }),
    }),
  );
  const blocks = types.map(
    (layerType): Block => ({
      rope: ropes.index(layerType),
      window: layerType === SLIDING ? window : null,
      softcap: null,
    }),
  );
  // Read even where no layer slides.
  config.raw('rope_local_base_freq');
  const logitSoftcap = config.positiveOrNull('final_logit_softcapping', null);
  return {
    family: 'gemma3_text',
    ...body(config, sizes, { blocks, logitSoftcap, qkNorms: true }),
    ropes: ropes.ropes,
  };
}

type Block = Pick<AttentionSpec, 'rope' | 'window' | 'softcap'>;

type Kind = {
  readonly blocks: readonly Block[];
  readonly logitSoftcap: number | null;
  readonly qkNorms: boolean;
};

function body(
  config: ConfigReader,
  sizes: Dimensions,
  { blocks, logitSoftcap, qkNorms }: Kind,
): Omit<ModelSpec, 'family' | 'ropes'> {
  const epsilon = config.positive('rms_norm_eps', 1e-6);
  const bias = config.flag('attention_bias', false);
  const scale = config.positive('query_pre_attn_scalar', 256) ** -0.5;
  const activation = readActivation(config, 'gelu_pytorch_tanh', 'hidden_activation');
  // The classes read `hidden_activation` alone; published configs repeat it here.
  config.only('hidden_act', ['gelu_pytorch_tanh', 'gelu']);
  const norm = (name: string, size = sizes.hidden): NormSpec => ({
    ...rmsNorm(name, size, epsilon),
    offset: 1,
  });
  const headNorms = (layer: string): Pick<AttentionSpec, 'queryNorm' | 'keyNorm'> => ({
    queryNorm: norm(`${layer}.self_attn.q_norm`, sizes.headDim),
    keyNorm: norm(`${layer}.self_attn.k_norm`, sizes.headDim),
  });
  const layers = layersOf(
    sizes.layers,
    (layer, i): LayerSpec => ({
      attentionNorm: norm(`${layer}.input_layernorm`),
      attention: attention(layer, sizes, {
        biases: { inputs: bias, output: bias },
        scale,
        ...(qkNorms ? headNorms(layer) : {}),
        ...blocks[i],
      }),
      attentionOutputNorm: norm(`${layer}.post_attention_layernorm`),
      mlpNorm: norm(`${layer}.pre_feedforward_layernorm`),
      mlp: gatedMlp(`${layer}.mlp`, sizes, { activation }),
      mlpOutputNorm: norm(`${layer}.post_feedforward_layernorm`),
      parallel: false,
    }),
  );
  const around = { norm, tied: true, scale: Math.fround(Math.sqrt(sizes.hidden)), logitSoftcap };
  return { ...frame(config, sizes, around), layers };
}
