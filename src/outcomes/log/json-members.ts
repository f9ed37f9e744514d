/**
 * Large JSON documents, member by member: memory is bounded by the largest member. Written by hand because the streaming
 * parsers of npm tokenise in JavaScript, many times slower than `JSON.parse`; this only looks for where a member ends.
 */
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { UserError } from '../../error/index.ts';
import { ByteReader } from './byte-reader.ts';
import { parseJson } from './parse-json.ts';

export type JsonMember = {
  /** The member's name in the outermost object; null for an element of an outermost array. */
  readonly key: string | null;
  /** Place in the array, for an element of an outermost array or of a member that is gone into; else null. */
  readonly index: number | null;
  readonly value: unknown;
};

export type JsonMembersOptions = {
  /** Members of the outermost object whose arrays are given element by element. */
  readonly into?: readonly string[];
  /** A larger member is refused. @default 256 MiB */
  readonly maxMemberBytes?: number;
};

const defaultMaxMemberBytes = 256 * 1024 * 1024;
const [comma, colon, quote] = [0x2c, 0x3a, 0x22];
const [openArray, closeArray, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * The members of the outermost object or array of a JSON file. `NaN` and infinities, which Python writes, become null.
 *
 * @throws UserError for a file that cannot be read, is no JSON object or array, or is cut short: with the place.
 */
export function readJsonMembers(
  path: string,
  options: JsonMembersOptions = {},
): AsyncGenerator<JsonMember> {
  return splitMembers(fileChunks(path), basename(path), options);
}

/** `readJsonMembers` over the chunks of a document, which `name` stands for in messages. */
export async function* splitMembers(
  chunks: AsyncIterable<Buffer>,
  name: string,
  options: JsonMembersOptions = {},
): AsyncGenerator<JsonMember> {
  const maxBytes = options.maxMemberBytes ?? defaultMaxMemberBytes;
  const reader = new ByteReader(chunks, { name, maxBytes });
  const opened = await reader.take([openObject, openArray]);
  if (opened === openArray) yield* elements(reader, { name, key: null });
  else yield* members(reader, { name, into: new Set(options.into ?? []) });
  const more = await reader.peek();
  if (more !== null) {
    throw new UserError(`\`${name}\`: expected one JSON document, more follows behind its end`);
  }
}

async function* members(
  reader: ByteReader,
  { name, into }: { name: string; into: ReadonlySet<string> },
): AsyncGenerator<JsonMember> {
  let next = await reader.peek();
  if (next === closeObject) await reader.take([closeObject]);
  while (next !== closeObject) {
    if ((await reader.peek()) !== quote) throw reader.unexpected(await reader.peek(), [quote]);
    const key = parseJson(await reader.value(), `\`${name}\``) as string;
    await reader.take([colon]);
    if (into.has(key) && (await reader.peek()) === openArray) {
      await reader.take([openArray]);
      yield* elements(reader, { name, key });
    } else {
      const value = parseJson(await reader.value(), `\`${name}\`, \`${key}\``);
      yield { key, index: null, value };
    }
    next = await reader.take([comma, closeObject]);
  }
}

async function* elements(
  reader: ByteReader,
  { name, key }: { name: string; key: string | null },
): AsyncGenerator<JsonMember> {
  let next = await reader.peek();
  if (next === closeArray) await reader.take([closeArray]);
  for (let index = 0; next !== closeArray; index += 1) {
    const where = `\`${name}\`, ${key === null ? '' : `\`${key}\` `}element ${index + 1}`;
    yield { key, index, value: parseJson(await reader.value(), where) };
    next = await reader.take([comma, closeArray]);
  }
}

/** A file's bytes, in pieces. @throws UserError where it cannot be read. */
export async function* fileChunks(path: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }))
      yield chunk as Buffer;
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError(`\`${basename(path)}\`: cannot be read: ${String(cause)}`, { cause });
  }
}
