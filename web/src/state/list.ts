/** Several names in one value of the address; a name may hold commas of its own. */

export function readList(text: string | undefined): readonly string[] {
  if (text === undefined || text === '') return [];
  return text.split(',').map(decode);
}

/** Null for none, which takes the value out of the address. */
export function writeList(names: readonly string[]): string | null {
  return names.length === 0 ? null : names.map((name) => encodeURIComponent(name)).join(',');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
