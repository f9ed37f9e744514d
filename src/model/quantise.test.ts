import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyInt8Weights, quantiseOutputs, quantiseTransposed } from './index.ts';

test('each output has its own scale, and lies as the runtime multiplies by it', () => {
  const made = emptyInt8Weights(3, 2);
  const values = Float32Array.of(1, -0.5, 0.25, 0, 20, -63);
  quantiseOutputs(values, made, { first: 0, steps: 127 });
  expect({ weights: [...made.weights], scales: [...made.scales] }).toEqual({
    weights: [127, 0, -63, 40, 32, -127],
    scales: [1 / 127, 63 / 127].map(Math.fround),
  });
});

test('no weight is further than half a step away, in one piece, in several, and transposed', () => {
  const sizes = fc.record({
    inputs: fc.integer({ min: 1, max: 9 }),
    outputs: fc.integer({ min: 1, max: 80 }),
    steps: fc.constantFrom(63, 127),
  });
  fc.assert(
    fc.property(sizes, fc.infiniteStream(fc.integer({ min: -999, max: 999 })), (size, draws) => {
      const { inputs, outputs, steps } = size;
      const values = Float32Array.from(draws.take(inputs * outputs), (draw) => draw / 123);
      const whole = emptyInt8Weights(inputs, outputs);
      quantiseOutputs(values, whole, { first: 0, steps });
      const parts = emptyInt8Weights(inputs, outputs);
      for (let first = 0; first < outputs; first += 33) {
        const part = values.subarray(first * inputs, (first + 33) * inputs);
        quantiseOutputs(part, parts, { first, steps });
      }
      expect(parts).toEqual(whole);
      const stored = Float32Array.from(
        values,
        (_, at) => values[(at % outputs) * inputs + Math.floor(at / outputs)]!,
      );
      const transposed = emptyInt8Weights(inputs, outputs);
      quantiseTransposed(stored, transposed, steps);
      expect(transposed).toEqual(whole);
      for (const [at, value] of values.entries()) {
        const [output, input] = [Math.floor(at / inputs), at % inputs];
        const scale = whole.scales[output]!;
        const rounded = whole.weights[input * outputs + output]!;
        expect(Math.abs(rounded)).toBeLessThanOrEqual(steps);
        expect(Math.abs(rounded * scale - value)).toBeLessThanOrEqual(0.5001 * scale);
      }
    }),
  );
});

test('what is not finite shows in the scale', () => {
  const made = emptyInt8Weights(2, 3);
  const values = Float32Array.of(1, Number.NaN, Number.NEGATIVE_INFINITY, 2, 0, 0);
  quantiseOutputs(values, made, { first: 0, steps: 127 });
  expect([...made.scales]).toEqual([Number.NaN, Number.POSITIVE_INFINITY, 0]);
});
