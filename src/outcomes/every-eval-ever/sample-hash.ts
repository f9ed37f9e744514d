import { createHash } from 'node:crypto';

/** The schema's hash of a sample: sha256 of `{"raw":…,"reference":[…]}` as Python's `json.dumps` writes it, in ASCII. */
export function sampleHash(raw: string, reference: readonly string[]): string {
  const text = JSON.stringify({ raw, reference });
  const ascii = text.replace(
    /[^\x20-\x7e]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return createHash('sha256').update(ascii).digest('hex');
}
