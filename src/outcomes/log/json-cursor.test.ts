import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../error/index.ts';
import { JsonCursor } from './json-cursor.ts';

const cursorOf = (text: string): JsonCursor => new JsonCursor(Buffer.from(text), '`log.json`');

function drain(cursor: JsonCursor): void {
  const names = cursor.members();
  while (names.next().done !== true) cursor.take();
}

describe('JsonCursor', () => {
  it('gives the members of an object and the elements of an array', () => {
    const cursor = cursorOf('{"a": 1, "b": [ {"c": "]\\""}, 2 ], "d": {}, "e": []}');
    const seen: unknown[] = [];
    for (const key of cursor.members()) {
      if (!cursor.isArray()) seen.push([key, cursor.take().toString()]);
      else for (const index of cursor.elements()) seen.push([key, index, cursor.take().toString()]);
    }
    expect(seen).toEqual([
      ['a', '1'],
      ['b', 0, '{"c": "]\\""}'],
      ['b', 1, '2'],
      ['d', '{}'],
    ]);
  });

  it.each([
    ['[1]', '`log.json`, byte 0: expected JSON to go on with `{`, found `[`'],
    ['{"a" 1}', '`log.json`, byte 5: expected JSON to go on with `:`, found `1`'],
    ['{"a": }', '`log.json`, byte 6: expected JSON to go on with a value, found `}`'],
    ['{"a": [1', '`log.json`, byte 8: expected JSON to go on with a value, it ends there'],
    ['{"a": 1', '`log.json`, byte 7: expected JSON to go on with `,` or `}`, it ends there'],
  ])('refuses %s', (text, message) => {
    const cursor = cursorOf(text);
    expect(() => drain(cursor)).toThrow(message);
  });

  it('agrees with JSON.parse, and fails with nothing but messages', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(3), (document, indent) => {
        const cursor = cursorOf(JSON.stringify(document, null, indent));
        const found: [string, unknown][] = [];
        for (const key of cursor.members()) found.push([key, JSON.parse(cursor.take().toString())]);
        expect(found).toEqual(Object.entries(JSON.parse(JSON.stringify(document)) as object));
      }),
    );
    fc.assert(
      fc.property(fc.stringMatching(/^\{[[\]{}",:\\a1 ]{0,20}$/), (text) => {
        const cursor = cursorOf(text);
        try {
          drain(cursor);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
    );
  });
});
