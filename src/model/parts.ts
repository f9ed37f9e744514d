import type {
  AttentionSpec,
  LayerSpec,
  LinearGroup,
  LinearSpec,
  MlpSpec,
  NormSpec,
} from './model-spec.ts';

/** The layers that are in the file: those of the group, or the one that they are fused into. */
function storedLinears(group: LinearGroup): readonly LinearSpec[] {
  return 'fused' in group ? [group.fused] : group.apart;
}

export function attentionLinears({ projections, output }: AttentionSpec): LinearSpec[] {
  return [...storedLinears(projections), output];
}

/** All linear layers of an MLP, those of every expert included. */
export function mlpLinears(mlp: MlpSpec): LinearSpec[] {
  return mlp.kind === 'dense'
    ? [...storedLinears(mlp.inner), mlp.down]
    : [mlp.router, ...mlp.experts.flatMap(mlpLinears)];
}

/** All linear layers of a block. */
export function layerLinears({ attention, mlp }: LayerSpec): LinearSpec[] {
  return [...attentionLinears(attention), ...mlpLinears(mlp)];
}

export function layerNorms(layer: LayerSpec): NormSpec[] {
  return [
    ...[layer.attentionNorm, layer.attentionOutputNorm, layer.mlpNorm, layer.mlpOutputNorm],
    ...[layer.attention.queryNorm, layer.attention.keyNorm],
  ].filter((norm) => norm !== null);
}

/** Width of an MLP between its layers: of one expert, of those a token goes through together. */
export function innerWidth(mlp: MlpSpec): number {
  if (mlp.kind === 'dense') return mlp.down.inputs;
  return mlp.chosen * (mlp.experts[0]?.down.inputs ?? 0);
}
