import { NEXT_TOKENS } from '../model/index.ts';
import { logOdds } from '../stats/index.ts';

/** Columns of `likelihoodFeatures`. */
export const LIKELIHOOD_WIDTH = 5;

/** A mass below this, or as near to 1, is drawn to it. */
const EDGE = 1e-4;

/**
 * (items, 5): log odds of the mass that the eight likeliest next tokens have together; then, as extracted, mean and
 * smallest log-likelihood of the question's own tokens, mean and largest entropy of their predictions.
 *
 * @param nextTokens (items, 16): ids, then probabilities
 * @param likelihood (items, 4), nats
 */
export function likelihoodFeatures(
  nextTokens: Float32Array,
  likelihood: Float32Array,
): Float32Array {
  const items = likelihood.length / 4;
  const features = new Float32Array(items * LIKELIHOOD_WIDTH);
  for (let item = 0; item < items; item += 1) {
    const from = (2 * item + 1) * NEXT_TOKENS;
    let mass = 0;
    for (let i = 0; i < NEXT_TOKENS; i += 1) mass += nextTokens[from + i]!;
    const own = likelihood.subarray(item * 4, item * 4 + 4);
    features.set([logOdds(mass, EDGE), ...own], item * LIKELIHOOD_WIDTH);
  }
  return features;
}
