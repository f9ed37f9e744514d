import type { ProbeData } from './estimator.ts';

/** The rows of one task, contiguous, with a last column of ones for the intercept. */
export type TaskBlock = {
  readonly rows: number;
  /** (rows, width + 1) row-major. */
  readonly features: Float32Array;
  readonly rate: Float64Array;
  readonly weight: Float64Array;
  /** Log odds of each row at weights of 0. */
  readonly offset: Float64Array;
  /** Scratch: the linear predictor of each row at the current weights. */
  readonly logit: Float64Array;
};

/** Splits rows by task, keeping their order; rows of weight 0 are left out. */
export function groupByTask(data: ProbeData): TaskBlock[] {
  const { width, rows, tasks } = data;
  const size = width + 1;
  const counts = new Int32Array(tasks);
  for (let i = 0; i < rows; i += 1) if (data.weight[i]! > 0) counts[data.task[i]!]! += 1;
  const blocks = Array.from(counts, (count) => ({
    rows: count,
    features: new Float32Array(count * size),
    rate: new Float64Array(count),
    weight: new Float64Array(count),
    offset: new Float64Array(count),
    logit: new Float64Array(count),
  }));
  const next = new Int32Array(tasks);
  for (let i = 0; i < rows; i += 1) {
    if (data.weight[i]! <= 0) continue;
    const task = data.task[i]!;
    const block = blocks[task]!;
    const at = next[task]!;
    next[task] = at + 1;
    block.features.set(data.features.subarray(i * width, (i + 1) * width), at * size);
    block.features[at * size + width] = 1;
    block.rate[at] = data.rate[i]!;
    block.weight[at] = data.weight[i]!;
    block.offset[at] = data.offset?.[i] ?? 0;
  }
  return blocks;
}

/** An arrow-shaped logistic regression: shared weights and a deviation per task. */
export type LogisticProblem = {
  readonly blocks: readonly TaskBlock[];
  /** Width with the intercept, which is the last column. */
  readonly size: number;
  /** Ridges of the shared weights, length `size`; null where there are none. */
  readonly shared: Float64Array | null;
  /** Ridges of the deviations, length `size`, Infinity where a column has none. */
  readonly deviation: Float64Array;
};

/** Weights (tasks + 1, size) of task `task`: the shared ones and its deviations; the shared ones alone for −1. */
export function taskTotal(weights: Float64Array, task: number, size: number): Float64Array {
  const total = weights.slice(0, size);
  if (task >= 0) for (let j = 0; j < size; j += 1) total[j]! += weights[(task + 1) * size + j]!;
  return total;
}

/** Rows whose squares are summed: enough for a scale. */
const SAMPLE = 1024;

/** Mean of x_ij² over the rows of a block, evenly spread ones of a large block, by column: length `size`. */
export function columnSquares({ rows, features }: TaskBlock, size: number): Float64Array {
  const mean = new Float64Array(size);
  const count = Math.min(rows, SAMPLE);
  for (let k = 0; k < count; k += 1) {
    const at = Math.floor((k * rows) / count) * size;
    for (let j = 0; j < size; j += 1) mean[j]! += features[at + j]! ** 2 / count;
  }
  return mean;
}
