import { expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { betaQuantile, digamma, trigamma } from './index.ts';

/** Written by scripts/make-comparison-goldens.py. */
const golden = JSON.parse(
  readFileSync(new URL('../../test/golden/comparison.json', import.meta.url), 'utf8'),
) as {
  gammaDerivatives: [number, number, number][];
  betaQuantiles: [number, number, number, number][];
};

test.each(golden.gammaDerivatives)('derivatives of ln Γ at %d are scipy’s', (x, first, second) => {
  expect(Math.abs(digamma(x) - first)).toBeLessThanOrEqual(1e-13 * Math.max(1, Math.abs(first)));
  expect(Math.abs(trigamma(x) / second - 1)).toBeLessThanOrEqual(1e-12);
});

test.each(golden.betaQuantiles)('quantile %d of Beta(%d, %d) is scipy’s', (p, a, b, quantile) => {
  expect(Math.abs(betaQuantile(p, a, b) / quantile - 1)).toBeLessThanOrEqual(1e-9);
});

test('quantiles are of probabilities, with both parameters above 0', () => {
  expect([betaQuantile(0, 1, 1), betaQuantile(1, 1, 1)]).toEqual([0, 1]);
  expect(() => betaQuantile(2, 1, 1)).toThrow('betaQuantile: expected `p` from 0 to 1, got 2');
  expect(() => betaQuantile(0.5, 0, 1)).toThrow(
    'betaQuantile: expected `a` and `b` above 0, got 0 and 1',
  );
});
