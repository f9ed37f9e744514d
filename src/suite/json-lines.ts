import { createReadStream } from 'node:fs';
import { UserError } from '../error/index.ts';

/** One line of a JSONL file: its number (from 1, blank lines counted) and its parsed value. */
export type JsonLine = { line: number; value: unknown };

export type JsonLinesOptions = {
  /** Who complains in an error message. @default the path */
  name?: string;
  /** A longer line is refused, so that a file without line breaks cannot fill the memory. @default 64 MiB */
  maxLineBytes?: number;
};

const defaultMaxLineBytes = 64 * 1024 * 1024;
const lineFeed = 0x0a;

/**
 * Streams a JSONL file: memory is bounded by its longest line. Blank lines are passed over, a byte-order mark is
 * allowed.
 *
 * @throws UserError for a file that cannot be read, a line that is too long, is not UTF-8 or not JSON, with its number.
 */
export async function* readJsonLines(
  path: string,
  options: JsonLinesOptions = {},
): AsyncGenerator<JsonLine> {
  const name = options.name ?? path;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 0;
  for await (const bytes of readLineBytes(
    path,
    name,
    options.maxLineBytes ?? defaultMaxLineBytes,
  )) {
    line += 1;
    const text = decode(decoder, bytes, `${name}, line ${line}`);
    if (text.trim() === '') continue;
    yield { line, value: parse(text, `${name}, line ${line}`) };
  }
}

async function* readLineBytes(
  path: string,
  name: string,
  maxLineBytes: number,
): AsyncGenerator<Buffer> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let line = 1;
  const tooLong = (): UserError =>
    new UserError(
      `\`${name}\`: expected lines of at most ${maxLineBytes} bytes, line ${line} is longer`,
    );
  for await (const chunk of openChunks(path, name)) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      if (pendingBytes + end - start > maxLineBytes) throw tooLong();
      yield Buffer.concat([...pending, chunk.subarray(start, end)]);
      pending = [];
      pendingBytes = 0;
      line += 1;
      start = end + 1;
    }
    pending.push(chunk.subarray(start));
    pendingBytes += chunk.length - start;
    if (pendingBytes > maxLineBytes) throw tooLong();
  }
  if (pendingBytes > 0) yield Buffer.concat(pending);
}

async function* openChunks(path: string, name: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of createReadStream(path)) yield chunk as Buffer;
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError(`\`${name}\`: cannot be read: ${String(cause)}`, { cause });
  }
}

function decode(decoder: InstanceType<typeof TextDecoder>, bytes: Buffer, where: string): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new UserError(`\`${where}\`: expected UTF-8 text, found bytes that are not`, { cause });
  }
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UserError(
      `\`${where}\`: expected one JSON object, got ${preview(text)} (${reason})`,
      { cause },
    );
  }
}

function preview(text: string): string {
  const trimmed = text.trim();
  return trimmed.length > 60 ? `${trimmed.slice(0, 60)}…` : trimmed;
}
