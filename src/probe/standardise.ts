/** How states are put on one scale, column by column. States are (rows, hidden) row-major. */

/** Running mean and variance of columns (Welford). */
export class ColumnMoments {
  readonly #mean: Float64Array;
  readonly #square: Float64Array;
  #count = 0;

  constructor(width: number) {
    this.#mean = new Float64Array(width);
    this.#square = new Float64Array(width);
  }

  add(values: Float32Array): void {
    this.#count += 1;
    for (let j = 0; j < values.length; j += 1) {
      const delta = values[j]! - this.#mean[j]!;
      this.#mean[j]! += delta / this.#count;
      this.#square[j]! += delta * (values[j]! - this.#mean[j]!);
    }
  }

  /** The means, and 1 / standard deviation: 0 for a column that does not vary. */
  finish(): { mean: Float32Array; scale: Float32Array } {
    const scale = Float32Array.from(this.#square, (square, j) => {
      const deviation = Math.sqrt(square / Math.max(1, this.#count));
      return deviation > 1e-6 * (1e-6 + Math.abs(this.#mean[j]!)) ? 1 / deviation : 0;
    });
    return { mean: Float32Array.from(this.#mean), scale };
  }
}

/** (x − mean) · scale. */
export function standardised(
  states: Float32Array,
  mean: Float32Array,
  scale: Float32Array,
): Float32Array {
  const hidden = mean.length;
  const out = new Float32Array(states.length);
  for (let at = 0; at < out.length; at += hidden) {
    for (let j = 0; j < hidden; j += 1) out[at + j] = (states[at + j]! - mean[j]!) * scale[j]!;
  }
  return out;
}

/** Divided by the standard deviation over all rows, means kept: a level that moves against it still shows. */
export function scaledByCheckpoint(states: Float32Array, hidden: number): Float32Array {
  const moments = new ColumnMoments(hidden);
  for (let at = 0; at < states.length; at += hidden) moments.add(states.subarray(at, at + hidden));
  return standardised(states, new Float32Array(hidden), moments.finish().scale);
}

/** Minus the task's mean, divided by the standard deviation of what is left. */
export function centredByTask(
  states: Float32Array,
  task: Int32Array,
  hidden: number,
): Float32Array {
  const byTask = new Map<number, ColumnMoments>();
  task.forEach((t, row) => {
    const moments = byTask.get(t) ?? new ColumnMoments(hidden);
    byTask.set(t, moments);
    moments.add(states.subarray(row * hidden, (row + 1) * hidden));
  });
  const means = new Map([...byTask].map(([t, moments]) => [t, moments.finish().mean]));
  const out = Float32Array.from(states);
  const rest = new ColumnMoments(hidden);
  task.forEach((t, row) => {
    const mean = means.get(t)!;
    const values = out.subarray(row * hidden, (row + 1) * hidden);
    for (let j = 0; j < hidden; j += 1) values[j]! -= mean[j]!;
    rest.add(values);
  });
  const { scale } = rest.finish();
  for (let i = 0; i < out.length; i += 1) out[i]! *= scale[i % hidden]!;
  return out;
}
