import { UserError } from '../../error/index.ts';

/**
 * A JSON text in UTF-8; `NaN`, `Infinity` and `-Infinity`, which Python's json module writes for numbers that do not
 * exist, become null.
 *
 * @param where begins the message.
 * @throws UserError for what is no JSON.
 */
export function parseJson(bytes: Buffer | string, where: string): unknown {
  const text = typeof bytes === 'string' ? bytes : bytes.toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw broken(error, where);
  }
  try {
    return JSON.parse(replaceConstants(text)) as unknown;
  } catch (error) {
    throw broken(error, where);
  }
}

/** Texts are matched first, so that what stands inside them is left alone. */
const textOrConstant = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/gs;

function replaceConstants(text: string): string {
  return text.replace(textOrConstant, (match) => (match.startsWith('"') ? match : 'null'));
}

function broken(cause: unknown, where: string): UserError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new UserError(`${where}: expected JSON: ${reason}`, { cause });
}
