import { logOdds, sigmoid } from './log-odds.ts';

/**
 * Predictions for a set of questions whose mean success is `to`, from a probe that learned where it was `from`:
 * logit p + logit(to) − logit(from). Assumes that right answers look as they did, and wrong ones too, and only their
 * shares changed, which a drift of the hidden states violates.
 */
export function shiftPrior(
  predicted: Float64Array,
  shift: { readonly from: number; readonly to: number },
): Float64Array {
  const by = logOdds(shift.to) - logOdds(shift.from);
  return predicted.map((p) => sigmoid(logOdds(p) + by));
}

/**
 * The mean success of unlabelled questions under the same assumption: the maximum-likelihood prior, which is where the
 * EM of Saerens, Latinne and Decaestecker (2002) ends; found as the root of the likelihood's derivative, which falls
 * throughout. `predicted` must be calibrated where it was learned, with mean success `from` (0 < from < 1). Where all
 * predictions equal `from` the answer is `from`.
 */
export function estimatePrior(predicted: Float64Array, from: number): number {
  if (!(from > 0 && from < 1) || predicted.length === 0) {
    throw new RangeError(
      `estimatePrior: expected predictions and \`from\` between 0 and 1, got ${predicted.length} and ${from}`,
    );
  }
  const right = predicted.map((p) => p / from);
  const wrong = predicted.map((p) => (1 - p) / (1 - from));
  if (right.every((value, i) => Math.abs(value - wrong[i]!) < 1e-12)) return from;
  const derivative = (prior: number) => {
    let sum = 0;
    for (let i = 0; i < right.length; i += 1) {
      const likelihood = prior * right[i]! + (1 - prior) * wrong[i]!;
      sum += (right[i]! - wrong[i]!) / Math.max(likelihood, 1e-300);
    }
    return sum;
  };
  let [low, high] = [0, 1];
  while (high - low > 1e-14) {
    const middle = (low + high) / 2;
    if (derivative(middle) > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
