/**
 * Top-k and top-p as `transformers` applies them: the k likeliest tokens, renormalised, then the smallest set of likeliest
 * tokens whose probabilities reach top-p, renormalised. Ties are broken by the smaller id.
 */
export type TokenDistribution = {
  /** Ascending ids that can be drawn; null stands for all. */
  readonly ids: Int32Array | null;
  /** Running sums of their probabilities, not normalised. */
  readonly cumulative: Float64Array;
};

export type NucleusOptions = {
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

/** What may be drawn of tokens with these probabilities (tokens), which are finite and may have any sum above 0. */
export function nucleus(probabilities: Float32Array, options: NucleusOptions): TokenDistribution {
  const { topP } = options;
  const topK = options.topK ?? Infinity;
  if (topP >= 1 && topK >= probabilities.length) {
    return { ids: null, cumulative: runningSums(probabilities) };
  }
  const kept = topK < probabilities.length ? likeliest(probabilities, topK) : probabilities;
  return collect(kept, topP >= 1 ? anyOf : smallestKept(kept, topP * sum(kept)));
}

/** The id at quantile `uniform` in [0, 1), ids in ascending order: small changes of them rarely move a draw. */
export function draw({ ids, cumulative }: TokenDistribution, uniform: number): number {
  const total = cumulative[cumulative.length - 1]!;
  const target = uniform * total;
  let [low, high] = [0, cumulative.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    // Behind the last token that can be drawn the sum no longer grows.
    if (cumulative[middle]! > target || cumulative[middle] === total) high = middle;
    else low = middle + 1;
  }
  return ids === null ? low : ids[low]!;
}

/** The smallest probability that is kept, and how many tokens of exactly this one. */
type Smallest = { readonly probability: number; readonly ties: number };

/** Keeps all but tokens that can never be drawn. */
const anyOf: Smallest = { probability: Number.MIN_VALUE, ties: Infinity };

/** Probabilities below this share of the largest are only sorted where those above do not reach the mass. */
const FIRST_SLICE = 1e-3;

function smallestKept(probabilities: Float32Array, mass: number): Smallest {
  return reach(large(probabilities), mass) ?? reach(probabilities.slice().sort(), mass) ?? anyOf;
}

/** Ascending probabilities of the likelier tokens. */
function large(probabilities: Float32Array): Float32Array {
  const least = FIRST_SLICE * probabilities[argmax(probabilities)]!;
  return probabilities.filter((probability) => probability >= least).sort();
}

/** A copy with all but the `count` largest at 0. */
function likeliest(probabilities: Float32Array, count: number): Float32Array {
  const larger = large(probabilities);
  const ascending = larger.length >= count ? larger : probabilities.slice().sort();
  const least = ascending[ascending.length - count]!;
  let ties = count - (ascending.length - 1 - ascending.lastIndexOf(least));
  return probabilities.map((probability) => {
    if (probability !== least) return probability > least ? probability : 0;
    ties -= 1;
    return ties >= 0 ? probability : 0;
  });
}

function runningSums(probabilities: Float32Array): Float64Array {
  const sums = new Float64Array(probabilities.length);
  let total = 0;
  for (let id = 0; id < sums.length; id += 1) {
    total += probabilities[id]!;
    sums[id] = total;
  }
  return sums;
}

function sum(probabilities: Float32Array): number {
  let total = 0;
  for (const probability of probabilities) total += probability;
  return total;
}

/** Adds `ascending` from its end until `mass` is reached; null where it never is. */
function reach(ascending: Float32Array, mass: number): Smallest | null {
  let sum = 0;
  let ties = 0;
  for (let i = ascending.length - 1; i >= 0; i -= 1) {
    const probability = ascending[i]!;
    ties = probability === ascending[i + 1] ? ties + 1 : 1;
    sum += probability;
    if (sum >= mass) return { probability, ties };
  }
  return null;
}

/** Tokens above the smallest probability, and the first `ties` of those at it. */
function collect(probabilities: Float32Array, smallest: Smallest): TokenDistribution {
  const ids: number[] = [];
  const sums: number[] = [];
  let [total, ties] = [0, smallest.ties];
  for (let id = 0; id < probabilities.length; id += 1) {
    const probability = probabilities[id]!;
    if (probability < smallest.probability) continue;
    if (probability === smallest.probability) {
      if (ties === 0) continue;
      ties -= 1;
    }
    total += probability;
    ids.push(id);
    sums.push(total);
  }
  return { ids: Int32Array.from(ids), cumulative: Float64Array.from(sums) };
}
