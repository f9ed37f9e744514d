import type { ConfigReader } from '../config-reader.ts';
import type { ModelSpec } from '../model-spec.ts';
import { readRope } from '../rope.ts';
import { frame, gatedMlp, projections, readDimensions, rmsNorm } from './decoder.ts';

/** Qwen3: Llama's block with a norm over each head of queries and keys, and windows on late layers where switched on. */
export function readQwen3(config: ConfigReader): ModelSpec {
  const sizes = readDimensions(config, { headDim: 128, keyValueHeads: 32 });
  const epsilon = config.positive('rms_norm_eps', 1e-6);
  const bias = config.flag('attention_bias', false);
  const rope = readRope(config, { headDim: sizes.headDim, defaultTheta: 10_000 });
  const windows = readWindows(config, sizes.layers);
  config.only('hidden_act', ['silu']);
  const layers = windows.map((window, i) => {
    const layer = `model.layers.${i}`;
    return {
      attentionNorm: rmsNorm(`${layer}.input_layernorm`, sizes.hidden, epsilon),
      attention: {
        ...sizes,
        ...projections(layer, sizes, bias),
        queryNorm: rmsNorm(`${layer}.self_attn.q_norm`, sizes.headDim, epsilon),
        keyNorm: rmsNorm(`${layer}.self_attn.k_norm`, sizes.headDim, epsilon),
        rope: 0,
        window,
        scale: sizes.headDim ** -0.5,
      },
      attentionOutputNorm: null,
      mlpNorm: rmsNorm(`${layer}.post_attention_layernorm`, sizes.hidden, epsilon),
      mlp: gatedMlp(layer, sizes, false),
      mlpOutputNorm: null,
    };
  });
  return { family: 'qwen3', ...frame(config, sizes, epsilon), layers, ropes: [rope] };
}

/** `sliding_window` counts only with `use_sliding_window`; then for the named layers, else from `max_window_layers` on. */
function readWindows(config: ConfigReader, layers: number): (number | null)[] {
  const enabled = config.flag('use_sliding_window', false);
  const window =
    enabled && config.raw('sliding_window') !== null ? config.size('sliding_window') : null;
  config.raw('sliding_window');
  const firstSliding = config.raw('max_window_layers') ?? 28;
  if (typeof firstSliding !== 'number') throw config.wrong('max_window_layers', 'a number');
  const types =
    config.perLayer('layer_types', layers, ['full_attention', 'sliding_attention']) ??
    Array.from({ length: layers }, (_, i) =>
      window !== null && i >= firstSliding ? 'sliding_attention' : 'full_attention',
    );
  return types.map((type) => {
    if (type === 'full_attention') return null;
    if (window === null)
      throw config.wrong('sliding_window', 'a number, as layer_types names sliding layers');
    return window;
  });
}
