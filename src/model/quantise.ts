/** Weights rounded to whole numbers of eight bits, one scale an output: w ≈ scale · q, |q| ≤ steps. */

/** A linear layer's weights on their way: filled output by output. */
export type Int8Weights = {
  /** (inputs, outputs): the layout that the runtime multiplies by. */
  readonly weights: Int8Array;
  /** (outputs). */
  readonly scales: Float32Array;
};

/** Outputs that are written side by side, so that the transposed array is not touched a byte a line of the cache. */
const OUTPUTS_TOGETHER = 32;

export function emptyInt8Weights(inputs: number, outputs: number): Int8Weights {
  return { weights: new Int8Array(inputs * outputs), scales: new Float32Array(outputs) };
}

/**
 * Rounds outputs from `first` on: `values` (some outputs, inputs) row-major, as the file of a checkpoint has them. Values that
 * are not finite make their output's scale NaN or infinite: the caller looks at the scales.
 */
export function quantiseOutputs(
  values: Float32Array,
  into: Int8Weights,
  { first, steps }: { readonly first: number; readonly steps: number },
): void {
  const outputs = into.scales.length;
  const inputs = into.weights.length / outputs;
  const count = values.length / inputs;
  const factors = new Float64Array(OUTPUTS_TOGETHER);
  for (let start = 0; start < count; start += OUTPUTS_TOGETHER) {
    const together = Math.min(OUTPUTS_TOGETHER, count - start);
    for (let i = 0; i < together; i += 1) {
      const from = (start + i) * inputs;
      const largest = largestMagnitude(values, from, from + inputs);
      into.scales[first + start + i] = largest / steps;
      factors[i] = largest === 0 ? 0 : steps / largest;
    }
    for (let input = 0; input < inputs; input += 1) {
      const to = input * outputs + first + start;
      for (let i = 0; i < together; i += 1) {
        const share = values[(start + i) * inputs + input]! * factors[i]!;
        // Rounds to nearest: shares are within ± 127, and `Math.round` takes four times as long.
        into.weights[to + i] = ((share + 128.5) | 0) - 128;
      }
    }
  }
}

/** NaN where there is one. */
function largestMagnitude(values: Float32Array, from: number, to: number): number {
  let largest = 0;
  for (let i = from; i < to; i += 1) {
    const magnitude = Math.abs(values[i]!);
    if (!(magnitude <= largest)) largest = magnitude;
    if (Number.isNaN(largest)) return largest;
  }
  return largest;
}

/** The same for weights that are stored as (inputs, outputs), all at once. */
export function quantiseTransposed(values: Float32Array, into: Int8Weights, steps: number): void {
  const outputs = into.scales.length;
  const inputs = into.weights.length / outputs;
  const apart = new Float32Array(values.length);
  for (let input = 0; input < inputs; input += 1) {
    for (let output = 0; output < outputs; output += 1) {
      apart[output * inputs + input] = values[input * outputs + output]!;
    }
  }
  quantiseOutputs(apart, into, { first: 0, steps });
}
