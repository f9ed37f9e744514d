/** Pooled states of questions from the states of their own tokens, for a pass that ends before the last block. */
import type { ProbePool } from '../probe/index.ts';
import type { TokenFile } from '../store/index.ts';
import type { PooledStates } from './state-cache.ts';

/** Questions read at once: bounds the memory. */
const ITEMS_AT_ONCE = 256;

/**
 * `last` is the state of the last token, as a whole pass pools it; `mean` is over the tokens that are kept (a question’s
 * own), where a whole pass takes all of the prompt. Throws UserError, when read, for a layer that is not kept.
 */
export function pooledTokens(file: TokenFile): PooledStates {
  const { path, items, hidden } = file;
  return {
    path,
    items,
    hidden,
    states: async (pool, layer) => {
      const pooled = new Float32Array(items.length * hidden);
      for (let first = 0; first < items.length; first += ITEMS_AT_ONCE) {
        const count = Math.min(ITEMS_AT_ONCE, items.length - first);
        const rows = Int32Array.from({ length: count }, (_, i) => first + i);
        const read = await file.read(rows, [layer]);
        for (let row = 0; row < count; row += 1) {
          const from = row * read.positions * hidden;
          const tokens = read.values.subarray(from, from + (read.lengths[row] ?? 0) * hidden);
          pooled.set(poolOf(tokens, pool, hidden), (first + row) * hidden);
        }
      }
      return pooled;
    },
  };
}

/** `tokens` (tokens, hidden), one or more. */
function poolOf(tokens: Float32Array, pool: ProbePool, hidden: number): Float32Array {
  if (pool === 'last') return tokens.subarray(tokens.length - hidden);
  const count = tokens.length / hidden;
  const sum = new Float64Array(hidden);
  tokens.forEach((value, at) => {
    sum[at % hidden] = (sum[at % hidden] ?? 0) + value;
  });
  return Float32Array.from(sum, (value) => value / count);
}
