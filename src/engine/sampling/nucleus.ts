/**
 * Temperature and top-p as `transformers` applies them: softmax(logits / temperature), then the smallest set of
 * likeliest tokens whose probabilities reach top-p, renormalised. Ties are broken by the smaller id.
 */
export type TokenDistribution = {
  /** Ascending ids that can be drawn. */
  readonly ids: Int32Array;
  /** Running sums of their weights, not normalised. */
  readonly cumulative: Float64Array;
};

export type NucleusOptions = {
  /** Above 0. */
  readonly temperature: number;
  /** In (0, 1]. */
  readonly topP: number;
};

/** The likeliest id; the smallest of equals. */
export function argmax(logits: Float32Array): number {
  let best = 0;
  for (let i = 1; i < logits.length; i += 1) if (logits[i]! > logits[best]!) best = i;
  return best;
}

/** What may be drawn after finite logits (vocabulary). */
export function nucleus(logits: Float32Array, options: NucleusOptions): TokenDistribution {
  const weights = new Float64Array(logits.length);
  const largest = logits[argmax(logits)]!;
  let total = 0;
  for (let i = 0; i < logits.length; i += 1) {
    weights[i] = Math.exp((logits[i]! - largest) / options.temperature);
    total += weights[i]!;
  }
  const ids =
    options.topP >= 1
      ? Int32Array.from(weights.keys())
      : likeliest(weights, options.topP * total).sort();
  const cumulative = new Float64Array(ids.length);
  let sum = 0;
  for (const [i, id] of ids.entries()) {
    sum += weights[id]!;
    cumulative[i] = sum;
  }
  return { ids, cumulative };
}

/** The id at quantile `uniform` in [0, 1), ids in ascending order: small changes of the weights rarely move a draw. */
export function draw({ ids, cumulative }: TokenDistribution, uniform: number): number {
  const target = uniform * cumulative[cumulative.length - 1]!;
  let [low, high] = [0, ids.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (cumulative[middle]! > target) high = middle;
    else low = middle + 1;
  }
  return ids[low]!;
}

/** Candidates are sorted in slices of falling weight, as the nucleus rarely reaches beyond the first. */
const SLICE = 1e-3;

function likeliest(weights: Float64Array, mass: number): Int32Array {
  const kept: number[] = [];
  let sum = 0;
  for (let upper = Number.POSITIVE_INFINITY, lower = SLICE; ; upper = lower, lower *= SLICE) {
    if (lower < 1e-300) lower = -1;
    const slice: number[] = [];
    for (let i = 0; i < weights.length; i += 1) {
      if (weights[i]! < upper && weights[i]! >= lower) slice.push(i);
    }
    slice.sort((a, b) => weights[b]! - weights[a]! || a - b);
    for (const id of slice) {
      kept.push(id);
      sum += weights[id]!;
      if (sum >= mass) return Int32Array.from(kept);
    }
    if (lower < 0) return Int32Array.from(kept);
  }
}
