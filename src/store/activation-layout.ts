import type { SafetensorsDtype, TensorSource } from '../safetensors/index.ts';

/** How activations are kept: 32-bit floats, or half of that. */
export type ActivationDtype = Extract<SafetensorsDtype, 'F32' | 'F16' | 'BF16'>;

/** What is kept of a prompt: pooled states of layers, and what the output head says. */
export type ActivationPool = 'last' | 'mean' | HeadPool;
type HeadPool = 'output' | 'nextTokens' | 'likelihood';

/** What an activations file holds. */
export type ActivationLayout = {
  /** Item ids in row order. */
  readonly items: readonly string[];
  /** Layers kept, ascending: 0 is the embedding output, the last one is after the final norm. */
  readonly layers: readonly number[];
  readonly hidden: number;
  /** `last` and `mean` have the shape (items, layers, hidden); the others have `headWidths` and stay F32. */
  readonly pools: readonly ActivationPool[];
  readonly dtype: ActivationDtype;
  /** Whose states these are: `checkpoint`, `suite`, and what else a reader should know. */
  readonly metadata: Readonly<Record<string, string>>;
};

/**
 * Numbers of an item. `output`: entropy and the three largest probabilities of the next token. `nextTokens`: ids of the
 * eight likeliest ones, then their probabilities. `likelihood`, over the question's own tokens: mean and smallest
 * log-likelihood, mean and largest entropy.
 */
export const headWidths: Readonly<Record<HeadPool, number>> = {
  output: 4,
  nextTokens: 16,
  likelihood: 4,
};

function isHeadPool(pool: ActivationPool): pool is HeadPool {
  return pool in headWidths;
}

export function activationTensors({
  items,
  layers,
  hidden,
  pools,
  dtype,
}: ActivationLayout): Omit<TensorSource, 'data'>[] {
  return pools.map((pool) =>
    isHeadPool(pool)
      ? { name: pool, dtype: 'F32', shape: [items.length, headWidths[pool]] }
      : { name: pool, dtype, shape: [items.length, layers.length, hidden] },
  );
}

/** The metadata of the contract (`items`, `checkpoint`, `suite`, `layers`, `pool`) as safetensors keeps it: strings. */
export function activationMetadata({
  items,
  layers,
  pools,
  metadata,
}: ActivationLayout): Record<string, string> {
  return {
    ...metadata,
    items: JSON.stringify(items),
    layers: JSON.stringify(layers),
    pool: JSON.stringify(pools),
  };
}

/** Bytes of the tensors of such a file. */
export function activationBytes(layout: ActivationLayout): number {
  const width = layout.dtype === 'F32' ? 4 : 2;
  const row = layout.pools.reduce(
    (sum, pool) =>
      sum +
      (isHeadPool(pool) ? 4 * headWidths[pool] : width * layout.layers.length * layout.hidden),
    0,
  );
  return row * layout.items.length;
}
