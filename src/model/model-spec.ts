import type { RopeSpec } from './rope.ts';

/** A linear layer: y = x · weightᵀ + bias, weight (outputs, inputs) under its name in the checkpoint. */
export type LinearSpec = {
  readonly weight: string;
  readonly bias: string | null;
  readonly inputs: number;
  readonly outputs: number;
};

/** Root-mean-square norm over the last `size` values: w · x / sqrt(mean(x²) + epsilon). */
export type NormSpec = {
  readonly weight: string;
  readonly size: number;
  readonly epsilon: number;
};

export type AttentionSpec = {
  readonly heads: number;
  /** Heads of keys and values; each serves `heads / keyValueHeads` query heads in a row. */
  readonly keyValueHeads: number;
  readonly headDim: number;
  readonly query: LinearSpec;
  readonly key: LinearSpec;
  readonly value: LinearSpec;
  readonly output: LinearSpec;
  /** Norms of queries and keys before the rotation, over one head or over all heads at once: their size says which. */
  readonly queryNorm: NormSpec | null;
  readonly keyNorm: NormSpec | null;
  /** Index into the model's `ropes`. */
  readonly rope: number;
  /** Number of keys that a query sees, itself included; null sees all before it. */
  readonly window: number | null;
  /** Factor on query · key. */
  readonly scale: number;
};

/** down(silu(gate(x)) · up(x)). */
export type MlpSpec = {
  readonly gate: LinearSpec;
  readonly up: LinearSpec;
  readonly down: LinearSpec;
};

/** One block: x += after(attention(before(x))), then the same with the MLP; a norm that is null is not there. */
export type LayerSpec = {
  readonly attentionNorm: NormSpec | null;
  readonly attention: AttentionSpec;
  readonly attentionOutputNorm: NormSpec | null;
  readonly mlpNorm: NormSpec | null;
  readonly mlp: MlpSpec;
  readonly mlpOutputNorm: NormSpec | null;
};

/** A decoder-only model as data: all that a graph needs besides the weights. */
export type ModelSpec = {
  readonly family: string;
  readonly hidden: number;
  readonly vocabulary: number;
  /** Longest sequence that the model was made for, in tokens; null where the config does not say. */
  readonly contextLength: number | null;
  /** Name of the embedding table (vocabulary, hidden). */
  readonly embedding: string;
  readonly layers: readonly LayerSpec[];
  readonly finalNorm: NormSpec;
  /** Output head; its weight is the embedding table where they are tied. */
  readonly head: LinearSpec;
  /** The distinct rotations that layers refer to. */
  readonly ropes: readonly RopeSpec[];
};
