/** What XML 1.0 has no place for or what hides in a line of text: control characters, lone surrogates, the two
 *  noncharacters U+FFFE and U+FFFF, and the marks that turn the direction of writing. */
// biome-ignore lint: control characters are what this pattern is for.
const unprintable = /[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029\uFFFE\uFFFF]/gu;

/** Names come from logs and folders: each character that a picture cannot show becomes U+FFFD. Escaping for XML is left
 *  to the writer of the document. */
export function printable(text: string): string {
  return text.replace(unprintable, '\u{FFFD}');
}

/** A text cut to a number of characters, with an ellipsis where it was cut. */
export function shorten(text: string, most: number): string {
  const characters = Array.from(text);
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}
