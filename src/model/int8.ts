/** Products of whole numbers of eight bits: which layers have them, and what their weights are called. */
import type { ExternalTensor, GraphBuilder } from '../graph/index.ts';
import type { LayerSpec, LinearGroup, LinearSpec, MlpSpec, ModelSpec } from './model-spec.ts';
import { layerLinears } from './parts.ts';

/**
 * The model with all linear layers of its blocks in int8: weights rounded to one scale an output, inputs to one scale a
 * token. Embedding, norms, rotations, attention, routers of mixtures and the output head stay floats.
 */
export function withInt8Products(spec: ModelSpec): ModelSpec {
  return { ...spec, layers: spec.layers.map(int8Layer) };
}

export type GivenWeights = {
  /** Wanted under `int8Names`. */
  readonly int8: readonly LinearSpec[];
  /** Wanted as they are stored, under their own names. */
  readonly stored: readonly ExternalTensor[];
};

/** What the session of a graph of these blocks is given; null where none of them runs in int8. */
export function givenWeights(
  graph: GraphBuilder,
  layers: readonly LayerSpec[],
): GivenWeights | null {
  const int8 = layers.flatMap(layerLinears).filter(({ precision }) => precision === 'int8');
  return int8.length === 0 ? null : { int8, stored: graph.externals() };
}

/** Names of the given tensors: int8 (inputs, outputs), and float32 (outputs) that they are multiplied by. */
export function int8Names({ weight }: LinearSpec): {
  readonly weights: string;
  readonly scales: string;
} {
  return { weights: `int8 ${weight}`, scales: `scales ${weight}` };
}

function int8Layer(layer: LayerSpec): LayerSpec {
  const { projections, output } = layer.attention;
  const attention = {
    ...layer.attention,
    projections: int8Group(projections),
    output: int8Linear(output),
  };
  return { ...layer, attention, mlp: int8Mlp(layer.mlp) };
}

function int8Mlp(mlp: MlpSpec): MlpSpec {
  if (mlp.kind === 'experts') return { ...mlp, experts: mlp.experts.map(int8Dense) };
  return int8Dense(mlp);
}

function int8Dense(mlp: MlpSpec & { kind: 'dense' }): MlpSpec & { kind: 'dense' } {
  return { ...mlp, inner: int8Group(mlp.inner), down: int8Linear(mlp.down) };
}

function int8Group(group: LinearGroup): LinearGroup {
  return 'fused' in group
    ? { ...group, fused: int8Linear(group.fused) }
    : { apart: group.apart.map(int8Linear) };
}

function int8Linear(spec: LinearSpec): LinearSpec {
  return { ...spec, precision: 'int8' };
}
