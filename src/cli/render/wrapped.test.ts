import { expect, it } from 'vitest';
import { wrapped } from './wrapped.ts';

it('breaks at single spaces and keeps those of a label', () => {
  const text = `  states:    ${'word '.repeat(30).trim()}`;
  expect(wrapped(text, 13)).toBe(
    [`  states:    ${'word '.repeat(17).trim()}`, `             ${'word '.repeat(13).trim()}`].join(
      '\n',
    ),
  );
});

it('leaves what is short, and words that are too long, whole', () => {
  const long = 'x'.repeat(120);
  expect(wrapped('')).toBe('');
  expect(wrapped('- short', 2)).toBe('- short');
  expect(wrapped(long)).toBe(long);
  expect(wrapped(`a ${long} b`, 2)).toBe(`a\n  ${long}\n  b`);
});
