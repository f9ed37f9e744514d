import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { UserError } from '../error/index.ts';
import { quoteValue } from '../safetensors/index.ts';

/**
 * Size limits of the JSON files of a checkpoint: well above any published file, well below what would exhaust the
 * memory of the machine.
 */
export const JSON_LIMITS: Readonly<
  Record<'config' | 'index' | 'tokenizer' | 'trainerState', number>
> = {
  /** Published ones take a few kB; those with a label map up to 1 MB. */
  config: 8 * 1024 * 1024,
  /** 200 bytes a tensor; the largest mixtures of experts have 100,000 tensors. */
  index: 64 * 1024 * 1024,
  /** 256,000 tokens with all merges take 35 MB. */
  tokenizer: 256 * 1024 * 1024,
  /** 150 bytes a logged step. */
  trainerState: 256 * 1024 * 1024,
};

/** The text ends before its object does: the file may still be being written. */
export class UnfinishedJsonError extends UserError {
  /** Name without its folder. */
  readonly file: string;

  constructor(path: string, characters: number) {
    const file = basename(path);
    super(
      `\`${file}\`: expected a JSON object, found one that stops after ${characters} characters; wait until it is written, or copy it again (in ${path})`,
    );
    this.file = file;
  }
}

/** A UTF-8 text file, or null where there is none (a dangling link counts as none). */
export async function readTextIfPresent(path: string, maxBytes: number): Promise<string | null> {
  try {
    const found = await stat(path);
    const { size } = found;
    if (!found.isFile()) {
      throw new UserError(`\`${basename(path)}\`: expected a regular file (in ${path})`);
    }
    if (size > maxBytes) {
      throw new UserError(
        `\`${basename(path)}\`: expected at most ${maxBytes} bytes, found ${size} (in ${path})`,
      );
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    if (error instanceof UserError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`\`${basename(path)}\`: cannot be read: ${reason}`, { cause: error });
  }
}

export type JsonOptions = {
  /**
   * Whether `NaN` and `Infinity`, which Python writes although JSON has no such numbers, are read as null. Only where
   * nothing but a report depends on them: elsewhere null is a field that is missing, whose default would be computed with.
   *
   * @default false
   */
  readonly nonFiniteAsNull?: boolean;
};

/**
 * A JSON object, or null where there is no such file.
 *
 * @throws UnfinishedJsonError where the text stops before the object's end.
 * @throws UserError where it is no JSON object, or larger than `maxBytes`.
 */
export async function readJsonIfPresent(
  path: string,
  maxBytes: number,
  { nonFiniteAsNull = false }: JsonOptions = {},
): Promise<Record<string, unknown> | null> {
  const text = await readTextIfPresent(path, maxBytes);
  if (text === null) return null;
  const parsed = parseJson(text) ?? (nonFiniteAsNull ? parseJson(withoutNonFinite(text)) : null);
  if (isRecord(parsed)) return parsed;
  if (!/[}\]]\s*$/.test(text)) throw new UnfinishedJsonError(path, text.length);
  const found = describeNonFinite(text) ?? 'something else';
  throw new UserError(`\`${basename(path)}\`: expected a JSON object, found ${found} (in ${path})`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function withoutNonFinite(text: string): string {
  if (!/NaN|Infinity/.test(text)) return text;
  return text.replaceAll(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (match) =>
    match.startsWith('"') ? match : 'null',
  );
}

/** The first `NaN` or `Infinity` outside of strings, with its field and line; null where there is none. */
function describeNonFinite(text: string): string | null {
  const next = /"|-?\b(?:NaN|Infinity)\b/g;
  let lastString = { start: 0, end: 0 };
  for (let match = next.exec(text); match !== null; match = next.exec(text)) {
    if (match[0] !== '"') {
      const { start, end } = lastString;
      const isField = /^\s*:\s*$/.test(text.slice(end, match.index));
      const field = isField ? ` as ${quoteValue(text.slice(start + 1, end - 1))}` : '';
      const line = text.slice(0, match.index).split('\n').length;
      return `\`${match[0]}\`${field} on line ${line}, which is no number in JSON: write a finite number, or null for none`;
    }
    lastString = { start: match.index, end: endOfString(text, match.index) };
    next.lastIndex = lastString.end;
  }
  return null;
}

/** Behind the closing quote of the string that begins at `start`; a regular expression would overflow on a long one. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text[end - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return end + 1;
  }
  return text.length;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ENOENT' || error.code === 'ENOTDIR')
  );
}
