import type { LadderItems } from '../ladder.ts';

/** Which features an item is clustered by. */
export type DifficultyOptions = {
  /** `vector`: the pass rate at every model; `mean`: their mean alone. */
  readonly features: 'vector' | 'mean';
  /**
   * Answers' worth of the item's own mean rate mixed into each of its rates: (k + s · mean) / (n + s). Noise-aware: hardly
   * felt at n = 100, most of the rate at n = 1. 0: the rates as they are.
   */
  readonly smoothing: number;
  /** Rates made non-decreasing in compute, by pooling adjacent violators. */
  readonly isotonic: boolean;
};

export type Difficulty = {
  /** (items, dimensions) row-major, 0…1. */
  readonly values: Float64Array;
  readonly dimensions: number;
};

/** An item's difficulty: its pass rates over the ladder, ordered by compute. Never the target's. */
export function difficultyOf(
  { ids, right, answers }: LadderItems,
  models: number,
  { features, smoothing, isotonic }: DifficultyOptions,
): Difficulty {
  const rates = new Float64Array(ids.length * models);
  for (let item = 0; item < ids.length; item += 1) {
    const from = item * models;
    smoothRow(rates.subarray(from, from + models), {
      right: right.subarray(from, from + models),
      answers: answers.subarray(from, from + models),
      smoothing,
    });
    if (isotonic) {
      poolViolators(rates.subarray(from, from + models), answers.subarray(from, from + models));
    }
  }
  if (features === 'vector') return { values: rates, dimensions: models };
  return { values: rowMeans(rates, models), dimensions: 1 };
}

function smoothRow(
  rates: Float64Array,
  counts: { right: Float64Array; answers: Float64Array; smoothing: number },
): void {
  const { right, answers, smoothing } = counts;
  let mean = 0;
  for (let model = 0; model < rates.length; model += 1) {
    mean += right[model]! / answers[model]! / rates.length;
  }
  for (let model = 0; model < rates.length; model += 1) {
    rates[model] = (right[model]! + smoothing * mean) / (answers[model]! + smoothing);
  }
}

/** Mean over the models of each row of (items, models). */
function rowMeans(rates: Float64Array, models: number): Float64Array {
  const means = new Float64Array(rates.length / models);
  for (let item = 0; item < means.length; item += 1) {
    let sum = 0;
    for (let model = 0; model < models; model += 1) sum += rates[item * models + model]!;
    means[item] = sum / models;
  }
  return means;
}

/**
 * The closest non-decreasing sequence in weighted least squares, in place: adjacent values that fall are pooled to their
 * weighted mean (Ayer and others 1955).
 */
export function poolViolators(values: Float64Array, weights: ArrayLike<number>): void {
  const blocks: { mean: number; weight: number; length: number }[] = [];
  for (let i = 0; i < values.length; i += 1) {
    let block = { mean: values[i]!, weight: weights[i]!, length: 1 };
    for (let last = blocks.at(-1); last !== undefined && last.mean > block.mean; ) {
      blocks.pop();
      const weight = last.weight + block.weight;
      block = {
        mean: (last.mean * last.weight + block.mean * block.weight) / weight,
        weight,
        length: last.length + block.length,
      };
      last = blocks.at(-1);
    }
    blocks.push(block);
  }
  let at = 0;
  for (const { mean, length } of blocks) {
    values.fill(mean, at, at + length);
    at += length;
  }
}
