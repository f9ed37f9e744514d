/** Unicode White_Space. JavaScript's `\s` lacks U+0085 and has U+FEFF. */
export const SPACE = '\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';

/** Bodies of the character classes that the tokenizers library (Oniguruma) and JavaScript define differently. */
const BODIES: Readonly<Record<string, string>> = {
  s: SPACE,
  d: '\\p{Nd}',
  w: '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}',
};

/**
 * A pattern that splits text where the reference does: `\s`, `\d`, `\w` and their opposites mean the Unicode classes.
 * An opposite inside of brackets cannot be written out and stays as it is.
 */
export function withUnicodeClasses(pattern: RegExp): RegExp {
  if (!pattern.unicode) return pattern;
  let inBrackets = false;
  const source = pattern.source.replaceAll(/\\.|[[\]]/gs, (part) => {
    if (part === '[') inBrackets = true;
    if (part === ']') inBrackets = false;
    const letter = part.slice(1);
    const body = BODIES[letter.toLowerCase()];
    if (!part.startsWith('\\') || body === undefined) return part;
    if (letter !== letter.toLowerCase()) return inBrackets ? part : `[^${body}]`;
    return inBrackets ? body : `[${body}]`;
  });
  return new RegExp(source, pattern.flags);
}
