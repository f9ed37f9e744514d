import type { ConfigReader } from '../config-reader.ts';
import type { MlpSpec, ModelSpec } from '../model-spec.ts';
import type { Dimensions } from './dimensions.ts';
import { readMixture } from './mixture.ts';
import { gatedMlp, readActivation } from './parts.ts';
import { readQwen3Body } from './qwen3.ts';
import { FULL, readSwitchedWindow, SLIDING } from './windows.ts';

/**
 * Qwen3-MoE: Qwen3's block with a mixture on each layer that `decoder_sparse_step` meets and `mlp_only_layers` does not
 * name.
 */
export function readQwen3Moe(config: ConfigReader): ModelSpec {
  return readQwen3Body(config, {
    family: 'qwen3_moe',
    defaults: { keyValueHeads: 4 },
    windows: (layers) => readWindows(config, layers),
    mlps: (sizes) => readMlps(config, sizes),
  });
}

/** One window on all layers where it is switched on. */
function readWindows(config: ConfigReader, layers: number): (number | null)[] {
  const window = readSwitchedWindow(config, 4096);
  // With a window, some versions of transformers slid from this layer on, 4.57 on all layers.
  if (window === null) config.raw('max_window_layers');
  else config.only('max_window_layers', [0]);
  config.perLayer('layer_types', layers, [window === null ? FULL : SLIDING]);
  return Array<number | null>(layers).fill(window);
}

function readMlps(config: ConfigReader, sizes: Dimensions): (layer: string, i: number) => MlpSpec {
  const mixture = readMixture(config, sizes, {
    intermediate: config.size('moe_intermediate_size', 768),
    experts: 128,
    chosen: 8,
  });
  const step = config.size('decoder_sparse_step', 1);
  const dense = config.indices('mlp_only_layers', sizes.layers);
  const activation = readActivation(config, 'silu');
  return (layer, i) =>
    dense.has(i) || (i + 1) % step !== 0
      ? gatedMlp(`${layer}.mlp`, sizes, { activation })
      : mixture(layer);
}
