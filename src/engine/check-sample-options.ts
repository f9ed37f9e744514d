import { UserError } from '../error/index.ts';
import type { SampleOptions } from './provider.ts';

/** Throws `UserError` for an option out of its range. */
export function checkSampleOptions(options: SampleOptions): void {
  const { samples, temperature, topP, topK = null, seed } = options;
  const rules: [string, number, boolean, string][] = [
    ['samples', samples, isCount(samples), 'a whole number from 1'],
    ['temperature', temperature, Number.isFinite(temperature) && temperature >= 0, '0 or above'],
    ['topP', topP, topP > 0 && topP <= 1, 'above 0 and at most 1'],
    ['topK', topK ?? 1, topK === null || isCount(topK), 'a whole number from 1, or null'],
    ['seed', seed, Number.isSafeInteger(seed), 'a whole number'],
  ];
  for (const [name, value, valid, expected] of rules) {
    if (!valid)
      throw new UserError(`\`sample\`: expected \`${name}\` to be ${expected}, got ${value}`);
  }
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}
