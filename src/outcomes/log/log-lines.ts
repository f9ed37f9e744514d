import { isUtf8 } from 'node:buffer';
import { basename } from 'node:path';
import { UserError } from '../../error/index.ts';
import { fileChunks } from './json-members.ts';
import { parseJson } from './parse-json.ts';

/** A line of a JSONL log, not yet parsed: most readers need but a few of a file's lines, or want to count bytes first. */
export type LogLine = { readonly line: number; readonly bytes: Buffer };

/** Lines of the long-context benchmarks hold a prompt once for each choice. */
const maxLineBytes = 256 * 1024 * 1024;
const lineFeed = 0x0a;

/**
 * The lines of a file that are not blank, those of one piece of it together: a promise a line would cost more than parsing
 * most of them. Memory is bounded by the longest line.
 *
 * @throws UserError for a file that cannot be read, or a line that is too long.
 */
export async function* readLogLines(path: string): AsyncGenerator<LogLine[]> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let line = 1;
  for await (const chunk of fileChunks(path)) {
    const lines: LogLine[] = [];
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      const piece = chunk.subarray(start, end);
      const bytes = pendingBytes === 0 ? piece : Buffer.concat([...pending, piece]);
      if (!isBlank(bytes)) lines.push({ line, bytes });
      [pending, pendingBytes] = [[], 0];
      line += 1;
      start = end + 1;
    }
    pending.push(chunk.subarray(start));
    pendingBytes += chunk.length - start;
    if (pendingBytes > maxLineBytes) {
      throw new UserError(
        `\`${basename(path)}\`, line ${line}: expected lines of at most ${maxLineBytes} bytes, it is longer`,
      );
    }
    if (lines.length > 0) yield lines;
  }
  const bytes = Buffer.concat(pending);
  if (!isBlank(bytes)) yield [{ line, bytes }];
}

/** @throws UserError for what is not UTF-8 or no JSON, with the line. */
export function parseLogLine(name: string, { line, bytes }: LogLine): unknown {
  const where = `\`${name}\`, line ${line}`;
  if (!isUtf8(bytes)) {
    throw new UserError(`${where}: expected UTF-8 text, found bytes that are not`);
  }
  const text = bytes.toString('utf8');
  return parseJson(line === 1 && text.startsWith('\uFEFF') ? text.slice(1) : text, where);
}

/** The value of the first line that is not blank; null for a file that begins with no line of JSON. */
export async function firstLogLine(path: string): Promise<unknown> {
  try {
    for await (const [first] of readLogLines(path)) {
      return first === undefined ? null : parseLogLine(basename(path), first);
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
  return null;
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}
