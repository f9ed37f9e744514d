import type { RopeSpec } from './rope.ts';

/** A linear layer: y = x · weightᵀ + bias. Names are those of the checkpoint, as are all below. */
export type LinearSpec = {
  readonly weight: string;
  readonly bias: string | null;
  readonly inputs: number;
  readonly outputs: number;
  /** The weight is stored as (inputs, outputs), not (outputs, inputs): `Conv1D` of GPT-2. */
  readonly transposed: boolean;
  /** Runs on whole numbers of eight bits: see `withInt8Products`. @default on floats */
  readonly precision?: 'int8';
};

/** Linear layers of one input: each by itself, or fused into one whose outputs are cut apart. */
export type LinearGroup =
  | { readonly apart: readonly LinearSpec[] }
  | {
      readonly fused: LinearSpec;
      /** Outputs of each of them, in order. */
      readonly widths: readonly number[];
      /** Outputs stand head after head, each with its share of every layer, rather than layer after layer. */
      readonly perHead: number | null;
    };

/** A norm over the last `size` values, times (weight + offset), plus bias. */
export type NormSpec = {
  /** `rms` divides by the root mean square, `layer` subtracts the mean first. */
  readonly kind: 'rms' | 'layer';
  /** Null where the norm has no weight: 1. */
  readonly weight: string | null;
  readonly bias: string | null;
  readonly size: number;
  readonly epsilon: number;
  /** 1 where weights are stored around 0 (Gemma). */
  readonly offset: 0 | 1;
};

export type AttentionSpec = {
  readonly heads: number;
  /** Heads of keys and values; each serves `heads / keyValueHeads` query heads in a row. */
  readonly keyValueHeads: number;
  readonly headDim: number;
  /** Queries, keys and values. */
  readonly projections: LinearGroup;
  readonly output: LinearSpec;
  /** Norms of queries and keys before the rotation, over one head or over all heads at once: their size says which. */
  readonly queryNorm: NormSpec | null;
  readonly keyNorm: NormSpec | null;
  /** Queries, keys and values are cut to ± this before the rotation; null for no limit. */
  readonly clip: number | null;
  /** Index into the model's `ropes`; null where positions do not enter. */
  readonly rope: number | null;
  /** Number of keys that a query sees, itself included; null sees all before it. */
  readonly window: number | null;
  /** Factor on query · key. */
  readonly scale: number;
  /** Scores s become cap · tanh(s / cap); null leaves them. */
  readonly softcap: number | null;
  /** `standard` holds the scores of whole prompts in memory: see `withStandardOperators`. @default grouped */
  readonly operator?: 'grouped' | 'standard';
};

export type Activation = 'silu' | 'gelu' | 'gelu-tanh' | 'relu';

/** down(activation(gate(x)) · up(x)), or down(activation(up(x))) where `inner` is one layer. */
export type DenseMlp = {
  readonly kind: 'dense';
  /** Gate and up, or up alone. */
  readonly inner: LinearGroup;
  readonly activation: Activation;
  readonly down: LinearSpec;
};

/** A mixture: each token goes through the `chosen` experts that the router gives most, and their outputs are weighted. */
export type ExpertsMlp = {
  readonly kind: 'experts';
  readonly router: LinearSpec;
  readonly experts: readonly DenseMlp[];
  readonly chosen: number;
  /** Weights of the chosen experts are made to sum to 1. */
  readonly normalised: boolean;
};

export type MlpSpec = DenseMlp | ExpertsMlp;

/** One block: x += after(attention(before(x))), then the same with the MLP; a norm that is null is not there. */
export type LayerSpec = {
  readonly attentionNorm: NormSpec | null;
  readonly attention: AttentionSpec;
  readonly attentionOutputNorm: NormSpec | null;
  readonly mlpNorm: NormSpec | null;
  readonly mlp: MlpSpec;
  readonly mlpOutputNorm: NormSpec | null;
  /** Attention and MLP both read the block's input, and both are added to it. */
  readonly parallel: boolean;
};

export type EmbeddingSpec = {
  /** Name of the table (vocabulary, hidden). */
  readonly table: string;
  /** Factor on its rows. */
  readonly scale: number;
  /** A table (positions, hidden) whose rows are added. */
  readonly positions: { readonly table: string; readonly count: number } | null;
  /** Tables in float16 are cast as a whole: see `withStandardOperators`. @default false */
  readonly castFirst?: boolean;
};

/** A decoder-only model as data: all that a graph needs besides the weights. */
export type ModelSpec = {
  readonly family: string;
  readonly hidden: number;
  readonly vocabulary: number;
  /** Longest sequence that the model was made for, in tokens; null where the config does not say. */
  readonly contextLength: number | null;
  /** What the names of all tensors but the head's begin with; files may have another prefix, or none. */
  readonly prefix: string;
  readonly embedding: EmbeddingSpec;
  readonly layers: readonly LayerSpec[];
  readonly finalNorm: NormSpec;
  /** Output head; its weight is the embedding table where they are tied. */
  readonly head: LinearSpec;
  /** Logits l become cap · tanh(l / cap); null leaves them. */
  readonly logitSoftcap: number | null;
  /** The distinct rotations that layers refer to. */
  readonly ropes: readonly RopeSpec[];
};
