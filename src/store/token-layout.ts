import type { TensorSource } from '../safetensors/index.ts';
import type { ActivationDtype } from './activation-layout.ts';

/** What a file of token states holds. */
export type TokenLayout = {
  /** Item ids in row order. */
  readonly items: readonly string[];
  /** Layers kept, ascending: 0 is the embedding output, the last one is after the final norm. */
  readonly layers: readonly number[];
  readonly hidden: number;
  /** Kept tokens of each item: its last ones. */
  readonly lengths: Int32Array;
  readonly dtype: ActivationDtype;
  /** Whose states these are: `checkpoint`, `suite`, and what else a reader should know. */
  readonly metadata: Readonly<Record<string, string>>;
};

/** First token of each item in `tokens`, and behind them their total: (items + 1). */
export function tokenOffsets(lengths: Int32Array): Float64Array {
  const offsets = new Float64Array(lengths.length + 1);
  lengths.forEach((length, item) => {
    offsets[item + 1] = (offsets[item] ?? 0) + length;
  });
  return offsets;
}

/** `tokens` of shape (total tokens, layers, hidden), item after item; `offsets` (items + 1) says where each begins. */
export function tokenTensors({
  layers,
  hidden,
  lengths,
  dtype,
}: TokenLayout): Omit<TensorSource, 'data'>[] {
  const total = tokenOffsets(lengths).at(-1) ?? 0;
  return [
    { name: 'offsets', dtype: 'I64', shape: [lengths.length + 1] },
    { name: 'tokens', dtype, shape: [total, layers.length, hidden] },
  ];
}

export function tokenMetadata({ items, layers, metadata }: TokenLayout): Record<string, string> {
  return { ...metadata, items: JSON.stringify(items), layers: JSON.stringify(layers) };
}

/** Bytes of the tensors of such a file. */
export function tokenBytes({ layers, hidden, lengths, dtype }: TokenLayout): number {
  const total = tokenOffsets(lengths).at(-1) ?? 0;
  const width = dtype === 'F32' ? 4 : 2;
  return total * layers.length * hidden * width + 8 * (lengths.length + 1);
}
