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
  if (topP >= 1) return collect(kept, anyOf);
  return collect(kept, smallestKept(kept, { of: 'mass', target: topP * sum(kept) }));
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

/** What the tokens that are kept come to: their probabilities, or how many they are. */
type Reached = { readonly of: 'mass' | 'count'; readonly target: number };

/** Keeps all but tokens that can never be drawn. */
const anyOf: Smallest = { probability: Number.MIN_VALUE, ties: Infinity };

/** Probabilities alike in the first bits of float32, sign, exponent and five of the mantissa, are one bucket. */
const BUCKET_BITS = 18;
const BUCKETS = 2 ** (31 - BUCKET_BITS);

/**
 * The probability at which the largest ones, or how many they are, reach `target`. Bits of positive numbers are ordered as the
 * numbers are, so that only those of the last bucket need to be sorted.
 */
function smallestKept(probabilities: Float32Array, { of, target }: Reached): Smallest {
  const bits = new Uint32Array(
    probabilities.buffer,
    probabilities.byteOffset,
    probabilities.length,
  );
  const sums = new Float64Array(BUCKETS);
  for (let id = 0; id < bits.length; id += 1) {
    sums[bits[id]! >>> BUCKET_BITS]! += of === 'mass' ? probabilities[id]! : 1;
  }
  let reached = 0;
  for (let bucket = BUCKETS - 1; bucket >= 0; bucket -= 1) {
    if (reached + sums[bucket]! >= target) {
      const inside = inBucket(bits, bucket, probabilities);
      const found = reach(inside, { of, target: target - reached });
      if (found !== null) return found;
    }
    reached += sums[bucket]!;
  }
  return anyOf;
}

/** Ascending probabilities of a bucket. */
function inBucket(bits: Uint32Array, bucket: number, probabilities: Float32Array): Float32Array {
  const inside: number[] = [];
  for (let id = 0; id < bits.length; id += 1) {
    if (bits[id]! >>> BUCKET_BITS === bucket) inside.push(probabilities[id]!);
  }
  return Float32Array.from(inside).sort();
}

/** A copy with all but the `count` largest at 0. */
function likeliest(probabilities: Float32Array, count: number): Float32Array {
  const smallest = smallestKept(probabilities, { of: 'count', target: count });
  const least = smallest.probability;
  let ties = smallest.ties;
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
  for (let id = 0; id < probabilities.length; id += 1) total += probabilities[id]!;
  return total;
}

/** Adds `ascending` from its end until `target` is reached; null where it never is. */
function reach(ascending: Float32Array, { of, target }: Reached): Smallest | null {
  let reached = 0;
  let ties = 0;
  for (let i = ascending.length - 1; i >= 0; i -= 1) {
    const probability = ascending[i]!;
    ties = probability === ascending[i + 1] ? ties + 1 : 1;
    reached += of === 'mass' ? probability : 1;
    if (reached >= target) return { probability, ties };
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
