import { logOdds } from '../stats/index.ts';

/** Names of the columns that `outputFeatures` makes. */
export const OUTPUT_FEATURES = [
  'entropy',
  'log entropy',
  'logit p1',
  'logit p2',
  'logit p3',
  'logit p1 − logit p2',
] as const;

/** A probability below this, or as near to 1, is drawn to it. */
const EDGE = 1e-4;

/**
 * Features of the next-token distribution: (rows, 6) from `output` (items, 4), for the items named in `rows`. Raw
 * probabilities pile up at 0 and 1, where a linear model sees nothing: logits and the log of the entropy spread them.
 */
export function outputFeatures(output: Float32Array, rows: Int32Array): Float32Array {
  const width = OUTPUT_FEATURES.length;
  const features = new Float32Array(rows.length * width);
  rows.forEach((item, row) => {
    const entropy = Math.max(0, output[item * 4]!);
    const [p1, p2, p3] = [1, 2, 3].map((i) => logOdds(output[item * 4 + i]!, EDGE));
    features.set([entropy, Math.log(entropy + 0.01), p1!, p2!, p3!, p1! - p2!], row * width);
  });
  return features;
}
