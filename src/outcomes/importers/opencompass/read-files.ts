import { basename } from 'node:path';
import { UserError } from '../../../error/index.ts';
import { ByteReader } from '../../log/byte-reader.ts';
import { isObject } from '../../log/fields.ts';
import { fileChunks } from '../../log/json-members.ts';
import { isArrayNext, isObjectNext, walkArray, walkObject } from '../../log/json-walk.ts';
import { parseJson } from '../../log/parse-json.ts';
import { answerEntry, detailEntry, type Entry } from './rows.ts';

/** A larger entry is refused. */
const maxEntryBytes = 256 * 1024 * 1024;

export type ResultsPart =
  | { readonly type: 'metric'; readonly name: string; readonly value: number }
  | { readonly type: 'entry'; readonly entry: Entry };

/**
 * Numbers of a results file, and its details one by one.
 *
 * @throws UserError naming the member for what is no results file.
 */
export async function* readResults(path: string): AsyncGenerator<ResultsPart> {
  const where = `\`${basename(path)}\``;
  for await (const { reader, key } of membersOf(path)) {
    if (key === 'details') {
      for await (const entry of readDetails(reader, where)) yield { type: 'entry', entry };
    } else if ((await isArrayNext(reader)) || (await isObjectNext(reader))) await reader.skip();
    else {
      const value = parseJson(await reader.value(), `${where}, \`${key}\``);
      if (typeof value === 'number') yield { type: 'metric', name: key, value };
    }
  }
}

async function* readDetails(reader: ByteReader, where: string): AsyncGenerator<Entry> {
  if (await isArrayNext(reader)) {
    for await (const index of walkArray(reader)) {
      const at = `${where}, \`details\` element ${index + 1}`;
      yield detailEntry(objectAt(parseJson(await reader.value(), at), at), String(index));
    }
  } else if (await isObjectNext(reader)) {
    for await (const key of walkObject(reader, where)) {
      const at = `${where}, \`details\`, \`${key}\``;
      if (!/^\d+$/.test(key)) await reader.skip();
      else yield detailEntry(objectAt(parseJson(await reader.value(), at), at), key);
    }
  } else await reader.skip();
}

/** An answer and its place among those of its dataset. */
export type Placed = { readonly place: number; readonly entry: Entry };

/**
 * Answers of the files of one dataset. In a file they come in the order in which they were given.
 *
 * @throws UserError naming the answer that is none, and the number that no answer or more than one has.
 */
export async function* readPredictions(paths: readonly string[]): AsyncGenerator<Placed> {
  let first = 0;
  for (const path of paths) {
    const where = `\`${basename(path)}\``;
    const seen = new Set<number>();
    for await (const { reader, key } of membersOf(path)) {
      const at = `${where}, \`${key}\``;
      const number = /^\d{1,9}$/.test(key) ? Number(key) : null;
      if (number === null || seen.has(number)) {
        throw new UserError(`${at}: expected answers by their numbers, each once`);
      }
      seen.add(number);
      const place = first + number;
      const value = objectAt(parseJson(await reader.value(), at), at);
      yield { place, entry: answerEntry(value, String(place)) };
    }
    for (let number = 0; number < seen.size; number += 1) {
      if (seen.has(number)) continue;
      throw new UserError(
        `${where}: expected ${seen.size} answers from 0 on, \`${number}\` is not there`,
      );
    }
    first += seen.size;
  }
}

async function* membersOf(path: string): AsyncGenerator<{ reader: ByteReader; key: string }> {
  const where = `\`${basename(path)}\``;
  const chunks = fileChunks(path);
  const reader = new ByteReader(chunks, { name: basename(path), maxBytes: maxEntryBytes });
  try {
    for await (const key of walkObject(reader, where)) yield { reader, key };
    if ((await reader.peek()) !== null) {
      throw new UserError(`${where}: expected one JSON document, more follows behind its end`);
    }
  } finally {
    await chunks.return(undefined);
  }
}

function objectAt(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (isObject(value)) return value;
  throw new UserError(`${where}: expected an object, got ${JSON.stringify(value).slice(0, 60)}`);
}
