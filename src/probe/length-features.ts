import type { ProbeItem } from './activations.ts';

/** Columns that `lengthFeatures` makes. */
export const LENGTH_WIDTH = 2;

/**
 * (items, 2): logarithm of the tokens behind the prefix that a task's prompts share, and its square. Length is most of
 * the difficulty that a prompt shows by itself; with it beside the states a strong penalty does not cost it.
 */
export function lengthFeatures(items: readonly ProbeItem[]): Float32Array {
  const features = new Float32Array(items.length * LENGTH_WIDTH);
  items.forEach(({ suffixTokens }, row) => {
    const length = Math.log1p(suffixTokens);
    features.set([length, length * length], row * LENGTH_WIDTH);
  });
  return features;
}
