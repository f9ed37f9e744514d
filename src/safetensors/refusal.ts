import { basename } from 'node:path';
import { UserError } from '../error/index.ts';

/** Longest quoted value in a message: enough to recognise a tensor's name, too short to flood a terminal. */
const MAX_SHOWN = 160;

/**
 * A value of an untrusted file, fit for a message: JSON, cut, and without control characters (a name could otherwise
 * move the cursor of the terminal that shows it).
 */
export function quoteValue(value: unknown): string {
  const text =
    typeof value === 'string' ? JSON.stringify(value.slice(0, MAX_SHOWN)) : describe(value);
  const cut = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
  return cut.replaceAll(/[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, escapeCharacter);
}

/** Shallow on purpose: a hostile value may be nested deeper than `JSON.stringify` can follow. */
function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  // JSON has numbers beyond a float64 (1e999), which are read as infinity; `JSON.stringify` would show them as null.
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) {
    const short =
      value.length <= 16 && value.every((entry) => typeof entry !== 'object' || entry === null);
    return short ? `[${value.map(quoteValue).join(', ')}]` : `a list of ${value.length}`;
  }
  return typeof value === 'object' && value !== null ? 'an object' : JSON.stringify(value);
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

export type Refusal = {
  file: string;
  expected: string;
  found: string;
  tensor?: string;
  advice?: string;
};

function messageOf({ file, expected, found, tensor, advice }: Refusal): string {
  const subject = tensor === undefined ? '' : `tensor ${quoteValue(tensor)}: `;
  const ending = advice === undefined ? '' : `; ${advice}`;
  return `\`${basename(file)}\`: ${subject}expected ${expected}, found ${found}${ending} (in ${file})`;
}

/** The file breaks the format. */
export function refuse(refusal: Refusal): UserError {
  return new UserError(messageOf(refusal));
}

/** The file ends before what its header announces: still being written, or cut by a failed copy. */
export class TruncatedFileError extends UserError {
  readonly file: string;
  readonly expectedBytes: number;
  readonly foundBytes: number;

  constructor(file: string, expectedBytes: number, foundBytes: number) {
    super(
      messageOf({
        file,
        expected: `at least ${expectedBytes} bytes, as its header announces`,
        found: `${foundBytes}`,
        advice: 'the file is still being written or was cut: wait for it, or copy it again',
      }),
    );
    this.file = file;
    this.expectedBytes = expectedBytes;
    this.foundBytes = foundBytes;
  }
}
