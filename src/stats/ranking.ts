/**
 * Area under the ROC curve with soft labels. Item i counts as `rates[i]` of a positive and `1 - rates[i]` of a negative,
 * times its weight; a pair with equal scores counts half. An item is paired with itself too (as a tie), which is what
 * scikit-learn's `roc_auc_score` gives when every item is written once as positive and once as negative with sample
 * weights. O(n log n). Throws RangeError for NaN.
 */
export function softAuroc(
  scores: ArrayLike<number>,
  rates: ArrayLike<number>,
  weights?: ArrayLike<number>,
): number | null {
  assertNumbers(scores, rates, weights);
  const order = ascending(scores);
  let below = 0;
  let wins = 0;
  let positives = 0;
  for (let start = 0; start < order.length; ) {
    let end = start;
    let tiedPositive = 0;
    let tiedNegative = 0;
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) {
      const i = order[end]!;
      const weight = weights?.[i] ?? 1;
      tiedPositive += weight * rates[i]!;
      tiedNegative += weight * (1 - rates[i]!);
      end += 1;
    }
    wins += tiedPositive * (below + 0.5 * tiedNegative);
    below += tiedNegative;
    positives += tiedPositive;
    start = end;
  }
  const pairs = positives * below;
  return pairs > 0 ? wins / pairs : null;
}

/** What the true rates themselves score as a ranking of their own soft labels: the ceiling of `softAuroc`. */
export function oracleAuroc(rates: ArrayLike<number>): number | null {
  return softAuroc(rates, rates);
}

/** Share of the way from chance to the oracle; null where the oracle itself cannot rank. */
export function rankingSkill(auroc: number | null, oracle: number | null): number | null {
  if (auroc === null || oracle === null || oracle - 0.5 < 1e-12) return null;
  return (auroc - 0.5) / (oracle - 0.5);
}

function assertNumbers(...lists: readonly (ArrayLike<number> | undefined)[]): void {
  for (const list of lists) {
    for (let i = 0; i < (list?.length ?? 0); i += 1) {
      if (Number.isNaN(list![i]!))
        throw new RangeError(`softAuroc: expected numbers, got NaN at ${i}`);
    }
  }
}

/** Indices that sort `values` ascending; equal values keep their order. */
function ascending(values: ArrayLike<number>): Uint32Array {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i);
  return order.sort((a, b) => values[a]! - values[b]! || a - b);
}
