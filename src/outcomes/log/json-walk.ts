/**
 * Going into nested JSON without reading all of it: whoever walks reads or skips each value before asking for the next.
 */
import type { ByteReader } from './byte-reader.ts';
import { parseJson } from './parse-json.ts';

const [comma, colon, quote] = [0x2c, 0x3a, 0x22];
const [openArray, closeArray, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

/** The names of the object that comes next, each in front of its value. @param where begins messages. */
export async function* walkObject(reader: ByteReader, where: string): AsyncGenerator<string> {
  await reader.take([openObject]);
  let next = await reader.peek();
  if (next === closeObject) await reader.take([closeObject]);
  while (next !== closeObject) {
    if ((await reader.peek()) !== quote) throw reader.unexpected(await reader.peek(), [quote]);
    const key = parseJson(await reader.value(), where) as string;
    await reader.take([colon]);
    yield key;
    next = await reader.take([comma, closeObject]);
  }
}

/** The places of the array that comes next, from 0, each in front of its value. */
export async function* walkArray(reader: ByteReader): AsyncGenerator<number> {
  await reader.take([openArray]);
  let next = await reader.peek();
  if (next === closeArray) await reader.take([closeArray]);
  for (let index = 0; next !== closeArray; index += 1) {
    yield index;
    next = await reader.take([comma, closeArray]);
  }
}

export async function isArrayNext(reader: ByteReader): Promise<boolean> {
  return (await reader.peek()) === openArray;
}

export async function isObjectNext(reader: ByteReader): Promise<boolean> {
  return (await reader.peek()) === openObject;
}
