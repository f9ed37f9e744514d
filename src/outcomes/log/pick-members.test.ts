import { describe, expect, it } from 'vitest';
import { ByteReader } from './byte-reader.ts';
import { pickMembers } from './pick-members.ts';

const document = `{"id": 1, "long": "${'x'.repeat(50)}", "scores": {"a": "}"}, "events": [1, 2], "late": 3}`;
const wanted = new Set(['id', 'scores', 'late']);

function readerOf(text: string, size: number): ByteReader {
  async function* chunks(): AsyncGenerator<Buffer> {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += size) {
      await Promise.resolve();
      yield bytes.subarray(at, at + size);
    }
  }
  return new ByteReader(chunks(), { name: 'log.json', maxBytes: 20 });
}

async function picked(size: number, isEnough?: (key: string) => boolean): Promise<unknown> {
  const options = { where: '`log.json`', wanted, ...(isEnough === undefined ? {} : { isEnough }) };
  return JSON.parse((await pickMembers(readerOf(document, size), options)).toString());
}

describe('pickMembers', () => {
  it('gives an object as it stands where it is in memory, else its wanted members', async () => {
    expect(await picked(1000)).toEqual(JSON.parse(document));
    for (const size of [1, 7, 30]) {
      expect(await picked(size)).toEqual({ id: 1, scores: { a: '}' }, late: 3 });
    }
  });

  it('leaves the rest unread where it is told that it has enough', async () => {
    expect(await picked(7, (key) => key === 'events')).toEqual({ id: 1, scores: { a: '}' } });
    expect(await picked(7, (key) => key === 'id')).toEqual({});
  });
});
