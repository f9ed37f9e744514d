import { checkPoints } from './check-input.ts';
import { compareRows, type Points, rowCount } from './points.ts';

export type MergedPoints = {
  /** The distinct rows in ascending lexicographic order: one order for all orders of the items. */
  readonly points: Points;
  /** Per distinct row, the number of items that have it. */
  readonly weights: Float64Array;
  /** Per item, its distinct row. */
  readonly groupOf: Int32Array;
};

/**
 * The distinct rows with their multiplicities. Pass rates k/n repeat a lot (most of all 0 and 1 throughout), and every
 * algorithm here works on the merged rows; their canonical order is what makes results independent of the items' order
 * to the last bit. O(n log n).
 */
export function mergeDuplicates(points: Points): MergedPoints {
  checkPoints('mergeDuplicates', points);
  const { values, dimensions } = points;
  const items = rowCount(points);
  const order = Int32Array.from({ length: items }, (_, item) => item);
  order.sort((a, b) => compareRows(values, dimensions, a, b));
  const groupOf = new Int32Array(items);
  const firsts: number[] = [];
  for (let at = 0; at < items; at += 1) {
    const item = order[at]!;
    if (at === 0 || compareRows(values, dimensions, item, order[at - 1]!) !== 0) firsts.push(item);
    groupOf[item] = firsts.length - 1;
  }
  const distinct = new Float64Array(firsts.length * dimensions);
  for (const [group, item] of firsts.entries()) {
    distinct.set(values.subarray(item * dimensions, (item + 1) * dimensions), group * dimensions);
  }
  const weights = new Float64Array(firsts.length);
  for (const group of groupOf) weights[group]! += 1;
  return { points: { values: distinct, dimensions }, weights, groupOf };
}
