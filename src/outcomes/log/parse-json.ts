import { UserError } from '../../error/index.ts';

/** JSON that stands for each of the constants which Python writes. */
export type JsonConstants = Readonly<Record<'NaN' | 'Infinity' | '-Infinity', string>>;

const nulls: JsonConstants = { NaN: 'null', Infinity: 'null', '-Infinity': 'null' };

/**
 * A JSON text in UTF-8; `NaN`, `Infinity` and `-Infinity`, which Python's json module writes for numbers that do not
 * exist, become what `constants` says for them: null by default.
 *
 * @param where begins the message.
 * @throws UserError for what is no JSON.
 */
export function parseJson(
  bytes: Buffer | string,
  where: string,
  constants: JsonConstants = nulls,
): unknown {
  const text = typeof bytes === 'string' ? bytes : bytes.toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw broken(error, where);
  }
  try {
    return JSON.parse(replaceConstants(text, constants)) as unknown;
  } catch (error) {
    throw broken(error, where);
  }
}

const constant = /-?\bInfinity\b|\bNaN\b/g;

/** Text by text, so that what stands inside them is left alone; one pattern for both would overflow at long texts. */
function replaceConstants(text: string, constants: JsonConstants): string {
  let replaced = '';
  for (let at = 0; at < text.length; ) {
    const opened = text.indexOf('"', at);
    const outside = text.slice(at, opened === -1 ? text.length : opened);
    replaced += outside.replace(constant, (match) => constants[match as keyof JsonConstants]);
    if (opened === -1) break;
    at = endOfText(text, opened + 1);
    replaced += text.slice(opened, at);
  }
  return replaced;
}

/** Behind the quote that ends a text which begins at `start`. */
function endOfText(text: string, start: number): number {
  for (let at = text.indexOf('"', start); at !== -1; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (at - slashes > start && text[at - slashes - 1] === '\\') slashes += 1;
    if (slashes % 2 === 0) return at + 1;
  }
  return text.length;
}

function broken(cause: unknown, where: string): UserError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new UserError(`${where}: expected JSON: ${reason}`, { cause });
}
