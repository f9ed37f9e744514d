/** A non-decreasing curve through points of ascending x: straight between them, level beyond. */
export type Steps = { readonly x: readonly number[]; readonly y: readonly number[] };

type Block = { sum: number; weight: number; readonly from: number; to: number };

/**
 * Weighted least-squares fit of a non-decreasing function (pool adjacent violators). Values of equal x are averaged
 * first; of each level stretch only the ends are kept: scikit-learn's `IsotonicRegression`. O(n log n). Values of weight
 * 0 are left out.
 */
export function fitIsotonic(x: Float64Array, y: Float64Array, weights: Float64Array): Steps {
  const order = [...x.keys()].filter((i) => weights[i]! > 0).sort((i, j) => x[i]! - x[j]!);
  const blocks: Block[] = [];
  for (const i of order) {
    const last = blocks.at(-1);
    const [value, weight] = [x[i]!, weights[i]!];
    if (last?.to === value && last.from === value) {
      last.sum += weight * y[i]!;
      last.weight += weight;
    } else {
      pool(blocks);
      blocks.push({ sum: weight * y[i]!, weight, from: value, to: value });
    }
  }
  pool(blocks);
  const points = blocks.flatMap(({ sum, weight, from, to }) => {
    const level = sum / weight;
    return from === to
      ? [[from, level] as const]
      : ([
          [from, level],
          [to, level],
        ] as const);
  });
  return { x: points.map(([at]) => at), y: points.map(([, level]) => level) };
}

/** Merges the last block into the ones before it while those are not lower. */
function pool(blocks: Block[]): void {
  for (;;) {
    const [before, last] = [blocks.at(-2), blocks.at(-1)];
    if (before === undefined || last === undefined) return;
    if (before.sum / before.weight < last.sum / last.weight) return;
    before.sum += last.sum;
    before.weight += last.weight;
    before.to = last.to;
    blocks.pop();
  }
}

/**
 * The curve with at most `most` points (2 or more): of the inner ones evenly many are left out, both ends stay. It still
 * does not fall, and between kept points it differs by no more than these differ.
 */
export function thinSteps({ x, y }: Steps, most: number): Steps {
  if (x.length <= most) return { x, y };
  const kept = Array.from({ length: most }, (_, i) =>
    Math.round((i * (x.length - 1)) / (most - 1)),
  );
  return { x: kept.map((i) => x[i]!), y: kept.map((i) => y[i]!) };
}

export function atSteps({ x, y }: Steps, value: number): number {
  if (value <= x[0]!) return y[0]!;
  const last = x.length - 1;
  if (value >= x[last]!) return y[last]!;
  let [low, high] = [0, last];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (x[middle]! <= value) low = middle;
    else high = middle;
  }
  const share = (value - x[low]!) / (x[high]! - x[low]!);
  return y[low]! + share * (y[high]! - y[low]!);
}
