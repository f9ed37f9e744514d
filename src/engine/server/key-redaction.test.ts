import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createKeyRedaction } from './key-redaction.ts';

const printable = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));
const key = fc.string({ unit: printable, minLength: 8, maxLength: 40 });

test('no key is left in a reply, wherever it stands, and all else is as it was', () => {
  fc.assert(
    fc.property(key, (secret) => {
      const { reply } = createKeyRedaction(secret);
      const said = { a: [1, `x ${secret}`, { b: secret }, null], c: true, d: 'plain' };
      expect(reply(said)).toEqual({ a: [1, 'x [key]', { b: '[key]' }, null], c: true, d: 'plain' });
    }),
  );
});

test('no key is left in a message, however it is escaped', () => {
  fc.assert(
    fc.property(key, (secret) => {
      const { text } = createKeyRedaction(secret);
      const numbers = Array.from(secret, (one) => `\\u00${one.charCodeAt(0).toString(16)}`).join(
        '',
      );
      expect(text(`said ${secret}.`)).toBe('said [key].');
      expect(text(JSON.stringify({ said: secret }))).toBe('{"said":"[key]"}');
      expect(text(numbers.toUpperCase().replaceAll('U', 'u'))).toBe('[key]');
    }),
  );
});

test('a slash that was escaped hides no key', () => {
  expect(createKeyRedaction('a/b<c').text('{"error": "a\\/b\\u003Cc"}')).toBe('{"error": "[key]"}');
});

test('placeholders are words like others in answers, not in messages', () => {
  const { text, reply } = createKeyRedaction('EMPTY');
  expect(reply({ text: 'the set is EMPTY' })).toEqual({ text: 'the set is EMPTY' });
  expect(text('wrong key EMPTY')).toBe('wrong key [key]');
});

test('without a key nothing is changed', () => {
  const { text, reply } = createKeyRedaction(null);
  const said = { text: 'a' };
  expect([text('null'), reply(said)]).toEqual(['null', said]);
});
