import { open } from 'node:fs/promises';
import { UserError } from '../error/index.ts';

/** Enough for hundreds of columns; a longer first line is not a header. */
const maxHeaderBytes = 64 * 1024;

/** The first bytes of a file. */
export async function readHead(path: string): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(maxHeaderBytes);
    const { bytesRead } = await handle.read(buffer, 0, maxHeaderBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** The column names in a CSV file's first line; null where that is no such line. */
export function parseCsvHeader(head: Buffer): string[] | null {
  const text = head.toString('utf8').replace(/^\uFEFF/, '');
  const end = text.search(/\r?\n/);
  const line = end === -1 ? text : text.slice(0, end);
  if (line.trim() === '' || line.includes('\0') || (end === -1 && head.length === maxHeaderBytes))
    return null;
  return splitCsvLine(line);
}

function splitCsvLine(line: string): string[] | null {
  const fields: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
  do {
    const match = field.exec(line);
    if (match === null) return null;
    fields.push((match[1]?.replaceAll('""', '"') ?? match[2] ?? '').trim());
    if (match[3] === '') return fields;
  } while (field.lastIndex <= line.length);
  return fields;
}

/**
 * A column that stands twice makes a table ambiguous.
 *
 * @throws UserError naming it.
 */
export function refuseRepeated(columns: readonly string[], name: string): void {
  const repeated = columns.find((column, index) => columns.indexOf(column) !== index);
  if (repeated !== undefined) {
    throw new UserError(`\`${name}\`: the column \`${repeated}\` stands twice: keep one`);
  }
}
