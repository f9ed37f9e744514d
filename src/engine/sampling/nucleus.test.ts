import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { argmax, draw, nucleus, type NucleusOptions } from './nucleus.ts';

/**
 * As `TopKLogitsWarper` and then `TopPLogitsWarper` of transformers: keep the k likeliest, then drop from the least likely
 * up while the dropped mass stays within 1 − top-p.
 */
function keptByDefinition(logits: readonly number[], options: NucleusOptions): number[] {
  const { temperature, topP, topK } = options;
  const largest = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp((logit - largest) / temperature));
  const order = [...logits.keys()]
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

describe('nucleus', () => {
  test('keeps what the reference keeps', () => {
    const settings = fc.record({
      temperature: fc.constantFrom(0.3, 0.7, 1, 2.5),
      topP: fc.constantFrom(0.0123, 0.31, 0.7077, 0.9511, 1),
      topK: fc.constantFrom(null, 1, 2, 7, 40),
    });
    fc.assert(
      fc.property(logits, settings, (hundredths, options) => {
        const values = Float32Array.from(hundredths, (each) => each / 100);
        const { ids, cumulative } = nucleus(values, options);
        expect([...ids]).toEqual(keptByDefinition([...values], options));
        expect(cumulative.every((sum, i) => sum > (cumulative[i - 1] ?? 0))).toBe(true);
      }),
    );
  });

  test('keeps all at top-p 1, and ties by the smaller id', () => {
    expect([
      ...nucleus(Float32Array.of(0, -50, 0), { temperature: 1, topP: 1, topK: null }).ids,
    ]).toEqual([0, 1, 2]);
    const even = new Float32Array(10);
    expect([...nucleus(even, { temperature: 1, topP: 0.25, topK: null }).ids]).toEqual([0, 1, 2]);
  });

  test('keeps exactly k of equals, the smaller ids first', () => {
    const even = new Float32Array(10);
    expect([...nucleus(even, { temperature: 1, topP: 1, topK: 3 }).ids]).toEqual([0, 1, 2]);
    const tail = Float32Array.from({ length: 2000 }, (_, i) => (i === 1999 ? 12 : 0));
    const { ids } = nucleus(tail, { temperature: 1, topP: 1, topK: 4 });
    expect([...ids]).toEqual([0, 1, 2, 1999]);
  });

  test('reaches far into the tail where top-p asks for it', () => {
    const spread = Float32Array.from({ length: 2000 }, (_, i) => (i === 0 ? 12 : 0));
    const { ids } = nucleus(spread, { temperature: 1, topP: 0.995, topK: null });
    const share = Math.exp(12) / (Math.exp(12) + 1999);
    expect(ids.length).toBe(1 + Math.ceil((0.995 - share) * (Math.exp(12) + 1999)));
  });
});

test('draw inverts the distribution', () => {
  const distribution = { ids: Int32Array.of(3, 5, 8), cumulative: Float64Array.of(1, 3, 4) };
  const at = [0, 0.2499, 0.25, 0.7499, 0.75, 0.9999].map((u) => draw(distribution, u));
  expect(at).toEqual([3, 3, 5, 5, 8, 8]);
});

test('argmax takes the first of equals', () => {
  expect(argmax(Float32Array.of(1, 4, 4, 2))).toBe(1);
});
