/** What a server says may hold the key that it was sent: debugging servers give back whole requests. */

/** Shorter keys are placeholders (`EMPTY`, `none`), and words that an answer may well hold. */
const shortestSecret = 8;

/** Takes a key out of what a server says. */
export type KeyRedaction = {
  /** A text for a message, however JSON has escaped the key in it. */
  readonly text: (said: string) => string;
  /** A parsed reply, changed in place: every text in it, where the key is no placeholder. */
  readonly reply: (parsed: unknown) => unknown;
};

export function createKeyRedaction(key: string | null): KeyRedaction {
  if (key === null) return { text: (said) => said, reply: (parsed) => parsed };
  const written = new RegExp(Array.from(key, inJson).join(''), 'g');
  return {
    text: (said) => said.replaceAll(written, shown),
    reply: (parsed) => (key.length < shortestSecret ? parsed : withoutKey(parsed, key)),
  };
}

const shown = '[key]';

/** A character of a key (printable ASCII) as it stands in JSON: plain, behind a backslash, or by its number. */
function inJson(character: string): string {
  const code = character.charCodeAt(0).toString(16);
  const digits = code.replaceAll(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
  return String.raw`(?:\\u00${digits}|\\?\x${code})`;
}

function withoutKey(value: unknown, key: string): unknown {
  if (typeof value === 'string') return value.replaceAll(key, shown);
  // Hidden states come as millions of numbers: nothing is copied.
  if (Array.isArray(value)) {
    const items: unknown[] = value;
    for (const [index, item] of items.entries()) {
      if (typeof item !== 'number') items[index] = withoutKey(item, key);
    }
  } else if (typeof value === 'object' && value !== null) {
    const members = value as Record<string, unknown>;
    for (const [name, member] of Object.entries(members)) members[name] = withoutKey(member, key);
  }
  return value;
}
