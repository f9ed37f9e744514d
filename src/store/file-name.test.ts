import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeId } from './file-name.ts';

test.each([
  ['d128L4/step1000', 'd128L4%2Fstep1000'],
  ['org/repo@main', 'org%2Frepo%40main'],
  ['.', '%2E'],
  ['..', '%2E%2E'],
  ['.hidden', '%2Ehidden'],
  ['v1.5', 'v1.5'],
  ['end.', 'end%2E'],
  ['%41', '%2541'],
  ['ü *', '%C3%BC%20%2A'],
  ['', '%'],
])('%j is %j', (id, name) => {
  expect(encodeId(id)).toBe(name);
});

test('names are safe and different for different ids', () => {
  const id = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.stringMatching(/^[./%~a]{0,20}$/),
    fc.string({ unit: fc.constantFrom('ü', 'a'), minLength: 150, maxLength: 200 }),
  );
  fc.assert(
    fc.property(id, id, (a, b) => {
      const name = encodeId(a);
      expect(name).toMatch(/^[A-Za-z0-9_%~-]([A-Za-z0-9_.%~-]*[A-Za-z0-9_%~-])?$/);
      expect(name.length).toBeLessThanOrEqual(160);
      expect(name === encodeId(b)).toBe(a === b);
    }),
  );
});

test('long ids with a common beginning stay apart', () => {
  expect(encodeId('a'.repeat(5000))).not.toBe(encodeId('a'.repeat(5001)));
});
