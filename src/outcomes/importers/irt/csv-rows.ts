/**
 * Rows of CSV files with very many columns. Read by hand because DuckDB binds every column of a query: at 20,000 columns
 * it takes thirty times as long as this.
 */
import { basename } from 'node:path';
import { UserError } from '../../../error/index.ts';
import { fileChunks } from '../../log/json-members.ts';

export type CsvRow = {
  /** Line on which the row begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
};

const lineFeed = 0x0a;
/** 64 MiB: a row of a million columns. */
const defaultMaxRowBytes = 64 * 1024 * 1024;

/**
 * Comma, double quotes doubled inside quotes, UTF-8; blank lines are passed over.
 *
 * @throws UserError naming the line for what is no CSV.
 */
export async function* csvRows(
  path: string,
  { maxRowBytes = defaultMaxRowBytes }: { maxRowBytes?: number } = {},
): AsyncGenerator<CsvRow> {
  const name = basename(path);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  /** Lines of a row that is not whole yet. */
  let pending: string[] = [];
  let [begun, size, open] = [1, 0, false];
  for await (const { line, bytes } of lines(path, { name, maxRowBytes })) {
    const text = decode(decoder, bytes, `\`${name}\`, line ${line}`);
    if (pending.length === 0) begun = line;
    pending.push(text);
    size += text.length + 1;
    if (size > maxRowBytes) throw tooLong(name, begun, maxRowBytes);
    open = open !== hasOddQuotes(text);
    if (open) continue;
    // A carriage return before a line feed is an end of the row alone; inside quotes it belongs to the field.
    const whole = pending.join('\n').replace(/\r$/, '');
    [pending, size] = [[], 0];
    if (whole !== '') yield { line: begun, cells: cellsOf(whole, `\`${name}\`, line ${begun}`) };
  }
  if (open) throw new UserError(`\`${name}\`, line ${begun}: a quoted field is not closed`);
}

async function* lines(
  path: string,
  { name, maxRowBytes }: { name: string; maxRowBytes: number },
): AsyncGenerator<{ line: number; bytes: Buffer }> {
  let pieces: Buffer[] = [];
  let size = 0;
  let line = 1;
  for await (const chunk of fileChunks(path)) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      pieces.push(chunk.subarray(start, end));
      if (size + end - start > maxRowBytes) throw tooLong(name, line, maxRowBytes);
      yield { line, bytes: joined(pieces) };
      [pieces, size, line, start] = [[], 0, line + 1, end + 1];
    }
    pieces.push(chunk.subarray(start));
    size += chunk.length - start;
    if (size > maxRowBytes) throw tooLong(name, line, maxRowBytes);
  }
  if (size > 0) yield { line, bytes: joined(pieces) };
}

function joined(pieces: readonly Buffer[]): Buffer {
  const [only] = pieces;
  return only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces);
}

function tooLong(name: string, line: number, maxRowBytes: number): UserError {
  return new UserError(
    `\`${name}\`: expected rows of at most ${maxRowBytes} bytes, the one on line ${line} is longer`,
  );
}

/** A byte-order mark is the decoder's to take. */
function decode(decoder: InstanceType<typeof TextDecoder>, bytes: Buffer, where: string): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new UserError(`${where}: expected UTF-8 text, found bytes that are not`, { cause });
  }
}

/** Quotes come in pairs: where they do not, a quoted field goes on in the next line. */
function hasOddQuotes(text: string): boolean {
  let odd = false;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) odd = !odd;
  return odd;
}

const quoted = /"((?:[^"]|"")*)"(,|$)/y;

function cellsOf(text: string, where: string): string[] {
  if (!text.includes('"')) return text.split(',');
  const cells: string[] = [];
  for (let at = 0; at <= text.length; ) {
    if (text[at] === '"') {
      quoted.lastIndex = at;
      const match = quoted.exec(text);
      if (match === null) throw new UserError(`${where}: text follows the quotes of a field`);
      cells.push((match[1] ?? '').replaceAll('""', '"'));
      at = match[2] === '' ? text.length + 1 : quoted.lastIndex;
      continue;
    }
    const comma = text.indexOf(',', at);
    const end = comma === -1 ? text.length : comma;
    cells.push(text.slice(at, end));
    at = end + 1;
  }
  return cells;
}
