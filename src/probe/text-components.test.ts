import { afterAll, expect, test } from 'vitest';
import { createKernel } from './kernel.ts';
import { applyTextComponents, fitTextComponents } from './text-components.ts';

const kernel = await createKernel({ threads: 1 });
afterAll(() => kernel[Symbol.asyncDispose]());

const texts = Array.from({ length: 12 }, (_, i) =>
  i % 2 === 0 ? `add ${i} and ${i + 1}` : `reverse the word ${'abc'.repeat(i)}`,
);

test('the first component tells kinds of questions apart', async () => {
  const components = await fitTextComponents(texts, kernel);
  const values = await applyTextComponents(components!, texts, kernel);
  const { width } = components!;
  const first = texts.map((_, i) => values[i * width]!);
  const second = texts.map((_, i) => values[i * width + 1]!);
  // Uncentred: the first two span the two kinds, and tell them apart by their ratio.
  const kinds = first.map((a, i) => Math.atan2(second[i]!, a));
  const of = (kind: number) => kinds.filter((_, i) => i % 2 === kind);
  const gap = Math.abs(mean(of(0)) - mean(of(1)));
  expect(gap).toBeGreaterThan(2 * (spread(of(0)) + spread(of(1))));
});

test('components are the projections on orthonormal axes', async () => {
  const { basis, width, terms } = (await fitTextComponents(texts, kernel))!;
  const count = terms.terms.length;
  for (let a = 0; a < width; a += 1) {
    for (let b = 0; b <= a; b += 1) {
      let dot = 0;
      for (let i = 0; i < count; i += 1) dot += basis[i * width + a]! * basis[i * width + b]!;
      expect(dot).toBeCloseTo(a === b ? 1 : 0, 4);
    }
  }
});

test('texts without a term in common have none', async () => {
  expect(await fitTextComponents(['a', 'b', 'c'], kernel)).toBeNull();
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function spread(values: readonly number[]): number {
  const centre = mean(values);
  return Math.max(...values.map((value) => Math.abs(value - centre)));
}
