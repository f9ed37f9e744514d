import { expect, test } from 'vitest';
import { withUnicodeClasses } from './unicode-pattern.ts';

test('white space is that of Unicode', () => {
  const points = Array.from({ length: 0x11_0000 }, (_, point) => point);
  const pattern = withUnicodeClasses(/^\s$/u);
  const found = points.filter((point) => pattern.test(String.fromCodePoint(point)));
  // What the tokenizers library 0.22 splits at for `\s`.
  const rest = [0x20, 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000];
  const ranges = [...points.slice(0x9, 0xe), ...points.slice(0x2000, 0x200b)];
  expect(found).toEqual([...rest, ...ranges].sort((a, b) => a - b));
});

test('classes are written out inside and outside of brackets, escapes stay', () => {
  const of = (pattern: RegExp) => withUnicodeClasses(pattern).source;
  expect(of(/\d|[^\d\\d]|\D|[\D]/gu)).toBe('[\\p{Nd}]|[^\\p{Nd}\\\\d]|[^\\p{Nd}]|[\\D]');
  expect(of(/\[\d\]/u)).toBe('\\[[\\p{Nd}]\\]');
  expect(of(/\d/g)).toBe('\\d');
  expect(withUnicodeClasses(/\s+(?!\S)/gu).flags).toBe('gu');
});
