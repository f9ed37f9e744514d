/**
 * The first key that stands twice in one object of `text`, or null. `text` must be valid JSON: the scan looks only at
 * quotes, braces and colons. `JSON.parse` keeps the last of two equal keys, so a second reader of the same file may
 * see other data than this one did.
 */
export function findDuplicateKey(text: string): string | null {
  const open: (Set<string> | null)[] = [];
  let position = 0;
  while (position < text.length) {
    const character = text[position];
    if (character === '"') {
      const end = stringEnd(text, position);
      const keys = open.at(-1);
      if (keys && isKey(text, end)) {
        const key = JSON.parse(text.slice(position, end)) as string;
        if (keys.has(key)) return key;
        keys.add(key);
      }
      position = end;
      continue;
    }
    if (character === '{') open.push(new Set());
    else if (character === '[') open.push(null);
    else if (character === '}' || character === ']') open.pop();
    position++;
  }
  return null;
}

/** Position after the closing quote of the string that opens at `start`. */
function stringEnd(text: string, start: number): number {
  let position = start + 1;
  while (text[position] !== '"') position += text[position] === '\\' ? 2 : 1;
  return position + 1;
}

function isKey(text: string, afterString: number): boolean {
  let position = afterString;
  while (' \t\n\r'.includes(text[position] ?? '.')) position++;
  return text[position] === ':';
}
