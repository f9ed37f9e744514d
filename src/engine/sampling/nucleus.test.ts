import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { argmax, draw, nucleus, type NucleusOptions } from './nucleus.ts';

/**
 * As `TopKLogitsWarper` and then `TopPLogitsWarper` of transformers: keep the k likeliest, then drop from the least likely
 * up while the dropped mass stays within 1 − top-p.
 */
function keptByDefinition(weights: Float32Array, options: NucleusOptions): number[] {
  const { topP, topK } = options;
  const order = [...weights.keys()]
    .sort((a, b) => weights[a]! - weights[b]! || b - a)
    .slice(-(topK ?? Infinity));
  const total = order.reduce((sum, id) => sum + weights[id]!, 0);
  let below = 0;
  const kept = order.filter((id, i) => {
    below += weights[id]! / total;
    return i === order.length - 1 || below > 1 - topP;
  });
  return kept.sort((a, b) => a - b);
}

const logits = fc.array(fc.integer({ min: -400, max: 400 }), { minLength: 1, maxLength: 60 });

function exponentials(logits: Iterable<number>): Float32Array {
  return Float32Array.from(logits, Math.exp);
}

describe('nucleus', () => {
  test('keeps what the reference keeps', () => {
    const settings = fc.record({
      topP: fc.constantFrom(0.0123, 0.31, 0.7077, 0.9511, 1),
      topK: fc.constantFrom(null, 1, 2, 7, 40),
    });
    fc.assert(
      fc.property(logits, settings, (hundredths, options) => {
        const weights = exponentials(hundredths.map((each) => each / 100));
        const { ids, cumulative } = nucleus(weights, options);
        const kept = keptByDefinition(weights, options);
        expect(ids === null ? [...weights.keys()] : [...ids]).toEqual(kept);
        expect(cumulative.every((sum, i) => sum > (cumulative[i - 1] ?? 0))).toBe(true);
      }),
    );
  });

  test('keeps all at top-p 1, and ties by the smaller id', () => {
    expect(nucleus(Float32Array.of(1, 0, 3), { topP: 1, topK: null })).toEqual({
      ids: null,
      cumulative: Float64Array.of(1, 1, 4),
    });
    const even = new Float32Array(10).fill(0.1);
    expect([...nucleus(even, { topP: 0.25, topK: null }).ids!]).toEqual([0, 1, 2]);
  });

  test('keeps exactly k of equals, the smaller ids first', () => {
    const even = new Float32Array(10).fill(0.1);
    expect([...nucleus(even, { topP: 1, topK: 3 }).ids!]).toEqual([0, 1, 2]);
    const tail = Float32Array.from({ length: 2000 }, (_, i) => Math.exp(i === 1999 ? 12 : 0));
    const { ids } = nucleus(tail, { topP: 1, topK: 4 });
    expect([...ids!]).toEqual([0, 1, 2, 1999]);
  });

  test('reaches far into the tail where top-p asks for it', () => {
    const spread = Float32Array.from({ length: 2000 }, (_, i) => Math.exp(i === 0 ? 12 : 0));
    const { ids } = nucleus(spread, { topP: 0.995, topK: null });
    const share = Math.exp(12) / (Math.exp(12) + 1999);
    expect(ids).toHaveLength(1 + Math.ceil((0.995 - share) * (Math.exp(12) + 1999)));
  });
});

test('draw inverts the distribution', () => {
  const distribution = { ids: Int32Array.of(3, 5, 8), cumulative: Float64Array.of(1, 3, 4) };
  const at = [0, 0.2499, 0.25, 0.7499, 0.75, 0.9999].map((u) => draw(distribution, u));
  expect(at).toEqual([3, 3, 5, 5, 8, 8]);
});

test('draw leaves out tokens of no probability, the last ones too', () => {
  const cumulative = Float64Array.of(0, 1, 1, 4, 4);
  const at = [0, 0.2499, 0.25, 1 - 2 ** -53].map((u) => draw({ ids: null, cumulative }, u));
  expect(at).toEqual([1, 1, 3, 3]);
});

test('argmax takes the first of equals', () => {
  expect(argmax(Float32Array.of(1, 4, 4, 2))).toBe(1);
});
