/** Batches of prompts, each as indices into the prompts. */
export type BatchPlan = {
  readonly batches: readonly Int32Array[];
  /** Tokens of all prompts. */
  readonly tokens: number;
  /** Tokens that are computed: with padding. */
  readonly padded: number;
};

export type PlanOptions = {
  /** Most tokens in a batch, padding included; a longer prompt is a batch of its own. */
  readonly tokenBudget: number;
  /** Most prompts in a batch. @default no limit */
  readonly rowBudget?: number;
};

/** Padding that a batch may take in, as a share of its tokens, once it is large enough to keep the cores busy. */
const PADDING_SHARE = 0.08;
/** Tokens from which a batch is large enough, as a share of the budget. */
const BUSY_SHARE = 0.25;

/**
 * Groups prompts of similar length, longest first, so that memory peaks in the first batch. A pure function of the
 * lengths and the budget: equal inputs give equal plans.
 */
export function planBatches(lengths: ArrayLike<number>, options: PlanOptions): BatchPlan {
  const order = Array.from(lengths, (_, i) => i).sort((a, b) => lengths[b]! - lengths[a]! || a - b);
  const batches: Int32Array[] = [];
  let [start, tokens, padded, batchTokens] = [0, 0, 0, 0];
  for (const [i, prompt] of order.entries()) {
    const length = lengths[prompt]!;
    const longest = lengths[order[start]!]!;
    const rows = i - start + 1;
    if (i > start && isFull({ rows, longest, tokens: batchTokens + length }, options)) {
      batches.push(Int32Array.from(order.slice(start, i)));
      padded += longest * (i - start);
      [start, batchTokens] = [i, 0];
    }
    batchTokens += length;
    tokens += length;
  }
  if (start < order.length) {
    batches.push(Int32Array.from(order.slice(start)));
    padded += lengths[order[start]!]! * (order.length - start);
  }
  return { batches, tokens, padded };
}

/** Whether the batch with one more prompt would be too large, or large enough and padded too much. */
function isFull(
  batch: { readonly rows: number; readonly longest: number; readonly tokens: number },
  options: PlanOptions,
): boolean {
  const padded = batch.rows * batch.longest;
  if (padded > options.tokenBudget) return true;
  if (options.rowBudget !== undefined && batch.rows > options.rowBudget) return true;
  const busy = padded - batch.longest >= options.tokenBudget * BUSY_SHARE;
  return busy && padded - batch.tokens > padded * PADDING_SHARE;
}
