import { inkPairs } from './ink.ts';

/** What a terminal obeys instead of showing: control characters, other line ends, marks that turn the direction of writing. */
// biome-ignore lint: control characters are what this pattern is for.
const obeyed = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** Names come from logs and folders: an escape sequence in one must not reach the terminal. For a single line. */
export function withoutControlCharacters(text: string): string {
  return text.replace(obeyed, '\u{FFFD}');
}

/** The one filter before a stream: of control characters, line ends reach it, and texts in our own inks. */
export function terminalText(text: string): string {
  return text.split('\n').map(filterLine).join('\n');
}

function filterLine(line: string): string {
  let [shown, from] = ['', 0];
  for (const match of line.matchAll(inkPairs)) {
    shown += withoutControlCharacters(line.slice(from, match.index)) + match[0];
    from = match.index + match[0].length;
  }
  return shown + withoutControlCharacters(line.slice(from));
}

/** Longer words of a message are cut: a name that is a mistake may have a million characters. */
const longestWord = 1000;

export function withoutLongWords(text: string): string {
  return text.replace(/\S+/g, (word) => cutMiddle(word, longestWord));
}

/** A text of more than `most` characters (100 or more) without its middle. */
export function cutMiddle(text: string, most: number): string {
  if (text.length <= most) return text;
  // Not inside of a character that takes two places.
  const [head, tail] = [text.slice(0, most - 40), text.slice(-39)];
  return `${head.replace(/[\uD800-\uDBFF]$/, '')}…${tail.replace(/^[\uDC00-\uDFFF]/, '')}`;
}
