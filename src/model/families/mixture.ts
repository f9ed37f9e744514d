import type { ConfigReader } from '../config-reader.ts';
import type { ExpertsMlp } from '../model-spec.ts';
import type { Dimensions } from './dimensions.ts';
import { gatedMlp, linear, readActivation } from './parts.ts';

export type MixtureOptions = {
  /** Width of an expert. */
  readonly intermediate: number;
  /** Where the fields are missing. */
  readonly experts: number;
  readonly chosen: number;
};

/** Reads the mixture of a config; the result makes that of a layer under `model.layers.N.mlp`. */
export function readMixture(
  config: ConfigReader,
  { hidden, layers }: Dimensions,
  options: MixtureOptions,
): (layer: string) => ExpertsMlp {
  const count = config.parts('num_experts', { fallback: options.experts, others: layers });
  const chosen = config.size('num_experts_per_tok', options.chosen);
  if (chosen > count) throw config.wrong('num_experts_per_tok', `at most num_experts (${count})`);
  const normalised = config.flag('norm_topk_prob', false);
  const activation = readActivation(config, 'silu');
  const sizes = { hidden, intermediate: options.intermediate };
  return (layer) => ({
    kind: 'experts',
    router: linear(`${layer}.mlp.gate`, [hidden, count], false),
    experts: Array.from({ length: count }, (_, i) =>
      gatedMlp(`${layer}.mlp.experts.${i}`, sizes, { activation }),
    ),
    chosen,
    normalised,
  });
}
