/**
 * Temperature, top-k and top-p as `transformers` applies them: softmax(logits / temperature), the k likeliest tokens of it,
 * renormalised, then the smallest set of likeliest tokens whose probabilities reach top-p, renormalised. Ties are broken
 * by the smaller id.
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
  /** From 1; null keeps all. */
  readonly topK: number | null;
};

/** The likeliest id; the smallest of equals. */
export function argmax(logits: Float32Array): number {
  let best = 0;
  for (let i = 1; i < logits.length; i += 1) if (logits[i]! > logits[best]!) best = i;
  return best;
}

/** What may be drawn after finite logits (vocabulary). */
export function nucleus(logits: Float32Array, options: NucleusOptions): TokenDistribution {
  const { temperature, topP, topK } = options;
  const weights = new Float64Array(logits.length);
  const largest = logits[argmax(logits)]!;
  for (let i = 0; i < logits.length; i += 1) {
    weights[i] = Math.exp((logits[i]! - largest) / temperature);
  }
  const likeliest = topK === null || topK >= weights.length ? null : smallestOf(weights, topK);
  const total = likeliest === null ? sum(weights) : keep(weights, likeliest);
  return collect(weights, topP >= 1 ? anyWeight : smallestKept(weights, topP * total));
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

/** The smallest weight that is kept, and how many tokens of exactly this weight. */
type Smallest = { readonly weight: number; readonly ties: number };

/** Keeps all but tokens that can never be drawn. */
const anyWeight: Smallest = { weight: Number.MIN_VALUE, ties: Infinity };

/** Weights below this share of the largest are only sorted where those above do not reach the mass. */
const FIRST_SLICE = 1e-3;

function smallestKept(weights: Float64Array, mass: number): Smallest {
  const large = weights.filter((weight) => weight >= FIRST_SLICE).sort();
  return reach(large, mass) ?? reach(weights.slice().sort(), mass) ?? anyWeight;
}

/** The `count` largest weights. */
function smallestOf(weights: Float64Array, count: number): Smallest {
  const large = weights.filter((weight) => weight >= FIRST_SLICE).sort();
  const ascending = large.length >= count ? large : weights.slice().sort();
  const weight = ascending[ascending.length - count]!;
  const above = ascending.length - 1 - ascending.lastIndexOf(weight);
  return { weight, ties: count - above };
}

/** Sets what is not kept to 0; returns the sum of the rest. */
function keep(weights: Float64Array, smallest: Smallest): number {
  let ties = smallest.ties;
  let total = 0;
  for (const [id, weight] of weights.entries()) {
    const isTie = weight === smallest.weight;
    if (weight > smallest.weight || (isTie && ties > 0)) total += weight;
    else weights[id] = 0;
    if (isTie) ties -= 1;
  }
  return total;
}

function sum(weights: Float64Array): number {
  let total = 0;
  for (const weight of weights) total += weight;
  return total;
}

/** Adds `ascending` from its end until `mass` is reached; null where it never is. */
function reach(ascending: Float64Array, mass: number): Smallest | null {
  let sum = 0;
  let ties = 0;
  for (let i = ascending.length - 1; i >= 0; i -= 1) {
    const weight = ascending[i]!;
    ties = weight === ascending[i + 1] ? ties + 1 : 1;
    sum += weight;
    if (sum >= mass) return { weight, ties };
  }
  return null;
}

/** Tokens above the smallest weight, and the first `ties` of those at it. */
function collect(weights: Float64Array, smallest: Smallest): TokenDistribution {
  const ids = new Int32Array(weights.length);
  const cumulative = new Float64Array(weights.length);
  let [count, total, ties] = [0, 0, smallest.ties];
  for (let id = 0; id < weights.length; id += 1) {
    const weight = weights[id]!;
    if (weight < smallest.weight) continue;
    if (weight === smallest.weight) {
      if (ties === 0) continue;
      ties -= 1;
    }
    total += weight;
    ids[count] = id;
    cumulative[count] = total;
    count += 1;
  }
  return { ids: ids.subarray(0, count), cumulative: cumulative.subarray(0, count) };
}
