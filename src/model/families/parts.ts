import type { ConfigReader } from '../config-reader.ts';
import type {
  Activation,
  AttentionSpec,
  DenseMlp,
  LayerSpec,
  LinearSpec,
  NormSpec,
} from '../model-spec.ts';
import { type RopeSpec, sameRope } from '../rope.ts';
import type { Dimensions } from './dimensions.ts';

/** A linear layer under `name` (`.weight`, `.bias`). */
export function linear(
  name: string,
  [inputs, outputs]: readonly [number, number],
  bias: boolean,
): LinearSpec {
  return {
    weight: `${name}.weight`,
    bias: bias ? `${name}.bias` : null,
    inputs,
    outputs,
    transposed: false,
  };
}

export function rmsNorm(name: string, size: number, epsilon: number): NormSpec {
  return { kind: 'rms', weight: `${name}.weight`, bias: null, size, epsilon, offset: 0 };
}

export function layerNorm(name: string, size: number, epsilon: number): NormSpec {
  return {
    kind: 'layer',
    weight: `${name}.weight`,
    bias: `${name}.bias`,
    size,
    epsilon,
    offset: 0,
  };
}

export type AttentionOptions = Partial<
  Pick<
    AttentionSpec,
    'queryNorm' | 'keyNorm' | 'clip' | 'rope' | 'window' | 'scale' | 'softcap' | 'projections'
  >
> & {
  /** Whether queries, keys and values have biases, and the output. @default false */
  readonly biases?: { readonly inputs: boolean; readonly output: boolean };
};

/** `self_attn` of a layer: rotated by the first rotation, and nothing else that is not asked for. */
export function attention(
  layer: string,
  sizes: Dimensions,
  { biases = { inputs: false, output: false }, ...options }: AttentionOptions = {},
): AttentionSpec {
  const { hidden, heads, keyValueHeads, headDim } = sizes;
  const [queries, keys] = [heads * headDim, keyValueHeads * headDim];
  return {
    heads,
    keyValueHeads,
    headDim,
    projections: {
      apart: [
        linear(`${layer}.self_attn.q_proj`, [hidden, queries], biases.inputs),
        linear(`${layer}.self_attn.k_proj`, [hidden, keys], biases.inputs),
        linear(`${layer}.self_attn.v_proj`, [hidden, keys], biases.inputs),
      ],
    },
    output: linear(`${layer}.self_attn.o_proj`, [queries, hidden], biases.output),
    queryNorm: null,
    keyNorm: null,
    clip: null,
    rope: 0,
    window: null,
    scale: headDim ** -0.5,
    softcap: null,
    ...options,
  };
}

export type GatedMlpOptions = { readonly activation: Activation; readonly bias?: boolean };

/** Gate, up and down under `name`. */
export function gatedMlp(
  name: string,
  { hidden, intermediate }: Pick<Dimensions, 'hidden' | 'intermediate'>,
  { activation, bias = false }: GatedMlpOptions,
): DenseMlp {
  return {
    kind: 'dense',
    inner: {
      apart: [
        linear(`${name}.gate_proj`, [hidden, intermediate], bias),
        linear(`${name}.up_proj`, [hidden, intermediate], bias),
      ],
    },
    activation,
    down: linear(`${name}.down_proj`, [intermediate, hidden], bias),
  };
}

/** A block with norms before attention and MLP, under the names of Llama. */
export function preNorm(
  { layer, norm }: { readonly layer: string; readonly norm: (name: string) => NormSpec },
  parts: Pick<LayerSpec, 'attention' | 'mlp'>,
): LayerSpec {
  return {
    ...parts,
    attentionNorm: norm(`${layer}.input_layernorm`),
    attentionOutputNorm: null,
    mlpNorm: norm(`${layer}.post_attention_layernorm`),
    mlpOutputNorm: null,
    parallel: false,
  };
}

const ACTIVATIONS: ReadonlyMap<string, Activation> = new Map([
  ['silu', 'silu'],
  ['swish', 'silu'],
  ['gelu', 'gelu'],
  ['gelu_new', 'gelu-tanh'],
  ['gelu_fast', 'gelu-tanh'],
  ['gelu_pytorch_tanh', 'gelu-tanh'],
  ['relu', 'relu'],
]);

/** The activation under the name that transformers has for it. */
export function readActivation(
  config: ConfigReader,
  fallback: string,
  field = 'hidden_act',
): Activation {
  return config.named(field, ACTIVATIONS, fallback);
}

/**
 * Collects rotations by layer type, so that layers with the same one share its tables. Each type is read once: a rotation
 * takes time and memory by the size of a head, and a config may claim thousands of layers.
 */
export class RopeList {
  readonly ropes: RopeSpec[] = [];
  readonly #read: (layerType: string) => RopeSpec;
  readonly #indices = new Map<string, number>();

  constructor(read: (layerType: string) => RopeSpec) {
    this.#read = read;
  }

  /** Index in the list of the rotation of layers of this type. */
  index(layerType: string): number {
    const known = this.#indices.get(layerType);
    if (known !== undefined) return known;
    const index = this.#add(this.#read(layerType));
    this.#indices.set(layerType, index);
    return index;
  }

  #add(rope: RopeSpec): number {
    const same = this.ropes.findIndex((each) => sameRope(each, rope));
    return same >= 0 ? same : this.ropes.push(rope) - 1;
  }
}
