import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JsonMember, type JsonMembersOptions, splitMembers } from './json-members.ts';

/** The members of a text that comes in pieces of `size` bytes. */
async function membersOf(
  text: string,
  { size = 7, ...options }: JsonMembersOptions & { size?: number } = {},
): Promise<JsonMember[]> {
  const bytes = Buffer.from(text, 'utf8');
  const starts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => index * size);
  const chunks = Readable.from(starts.map((start) => bytes.subarray(start, start + size)));
  const all: JsonMember[] = [];
  for await (const member of splitMembers(chunks, 'log.json', options)) all.push(member);
  return all;
}

async function failure(text: string, options: JsonMembersOptions = {}): Promise<string> {
  return membersOf(text, options).then(
    () => 'no error',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

describe('splitMembers', () => {
  it('gives the members of an object, and the elements of those that are gone into', async () => {
    const text = '{"a": 1, "samples": [{"x": "]}\\""}, 2], "b": {"c": [1, 2]}, "empty": []}';
    expect(await membersOf(text, { into: ['samples', 'empty'] })).toEqual([
      { key: 'a', index: null, value: 1 },
      { key: 'samples', index: 0, value: { x: ']}"' } },
      { key: 'samples', index: 1, value: 2 },
      { key: 'b', index: null, value: { c: [1, 2] } },
    ]);
  });

  it('reads what Python writes for numbers that do not exist as null, and leaves texts alone', async () => {
    expect(await membersOf('\uFEFF[NaN, {"a": -Infinity, "b": "NaN \\" Infinity"}]')).toEqual([
      { key: null, index: 0, value: null },
      { key: null, index: 1, value: { a: null, b: 'NaN " Infinity' } },
    ]);
  });

  it.each([
    ['', '`log.json`, byte 0: expected JSON to go on with `{` or `[`, it ends there'],
    ['{"a": 1', '`log.json`, byte 7: expected JSON to go on with `,` or `}`, it ends there'],
    ['{"a" 1}', '`log.json`, byte 5: expected JSON to go on with `:`, found `1`'],
    ['[1, ]', '`log.json`, byte 4: expected JSON to go on with a value, found `]`'],
    ['[1] 2', '`log.json`: expected one JSON document, more follows behind its end'],
    ['["abc', '`log.json`, byte 5: expected JSON to go on with a value, it ends there'],
    ['{"s": [1, tru]}', '`log.json`, `s` element 2: expected JSON: '],
  ])('refuses %s', async (text, message) => {
    expect(await failure(text, { into: ['s'] })).toContain(message);
  });

  it('refuses a member that is too long', async () => {
    expect(await failure(`["${'a'.repeat(100)}"]`, { maxMemberBytes: 50 })).toBe(
      '`log.json`: expected parts of at most 50 bytes, the one that reaches byte 49 is longer',
    );
  });

  it('agrees with JSON.parse, in pieces of any size', async () => {
    const json = fc.json({ maxDepth: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string(), json),
        fc.integer({ min: 1, max: 40 }),
        async (texts, size) => {
          const document = Object.fromEntries(
            Object.entries(texts).map(([key, text]) => [key, JSON.parse(text) as unknown]),
          );
          const members = await membersOf(JSON.stringify(document, null, size % 3), { size });
          expect(members.map(({ key, value }) => [key, value])).toEqual(Object.entries(document));
        },
      ),
    );
  });

  it('never hangs and never fails with anything but a message for the user', async () => {
    const text = fc.stringMatching(/^[[\]{}",:\\a1 ]{0,30}$/);
    await fc.assert(
      fc.asyncProperty(text, async (broken) => {
        let valid: unknown;
        try {
          valid = JSON.parse(broken) as unknown;
        } catch {
          valid = undefined;
        }
        const message = await failure(broken, { into: ['a'] });
        if (typeof valid === 'object' && valid !== null) expect(message).toBe('no error');
        else if (valid !== undefined) expect(message).toContain('`log.json`');
      }),
    );
  });
});
