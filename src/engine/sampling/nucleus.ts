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
    const weight = Math.exp((logits[i]! - largest) / options.temperature);
    weights[i] = weight;
    total += weight;
  }
  const smallest =
    options.topP >= 1 ? { weight: 0, ties: 0 } : smallestKept(weights, options.topP * total);
  return collect(weights, smallest);
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

/** Weights below this share of the largest are only sorted where those above do not reach the mass. */
const FIRST_SLICE = 1e-3;

function smallestKept(weights: Float64Array, mass: number): Smallest {
  const large = weights.filter((weight) => weight >= FIRST_SLICE).sort();
  return reach(large, mass) ?? reach(weights.slice().sort(), mass) ?? { weight: 0, ties: 0 };
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

/** Tokens above the smallest weight, and the first `ties` of those at it; all where it is 0. */
function collect(weights: Float64Array, smallest: Smallest): TokenDistribution {
  const ids = new Int32Array(weights.length);
  const cumulative = new Float64Array(weights.length);
  let [count, sum, ties] = [0, 0, smallest.ties];
  for (let id = 0; id < weights.length; id += 1) {
    const weight = weights[id]!;
    if (weight < smallest.weight) continue;
    if (weight === smallest.weight && smallest.weight > 0) {
      if (ties === 0) continue;
      ties -= 1;
    }
    sum += weight;
    ids[count] = id;
    cumulative[count] = sum;
    count += 1;
  }
  return { ids: ids.subarray(0, count), cumulative: cumulative.subarray(0, count) };
}
