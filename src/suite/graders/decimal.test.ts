import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalDecimal, lastNumber } from './decimal.ts';

test('every way to write a double has one canonical form', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const canonical = canonicalDecimal(String(value));
      expect(canonical).not.toBeNull();
      expect(Number(canonical)).toBe(value === 0 ? 0 : value);
      expect(canonicalDecimal(value.toExponential())).toBe(canonical);
    }),
  );
});

test('a number in a text is found as it is written', () => {
  fc.assert(
    fc.property(fc.integer(), fc.stringMatching(/^[a-z ]*$/), (value, words) => {
      expect(lastNumber(`7 ${words} ${value}`)).toBe(String(value));
    }),
  );
});

test.each(['', '-', '.', 'e5', '1e', 'abc', '1 2', '0x10', 'Infinity'])(
  '%j is no number',
  (text) => {
    expect(canonicalDecimal(text)).toBeNull();
  },
);
