import { createHash } from 'node:crypto';

/** File systems take 255 bytes; room is left for extensions and temporary names. */
const maxEncodedLength = 160;

/**
 * An id as the name of a file or folder: percent-encoded UTF-8 of everything but letters, digits, `_`, `-` and inner
 * dots. Different ids have different names; a long one is cut, and told apart by a hash.
 */
export function encodeId(id: string): string {
  let encoded = '';
  for (const byte of Buffer.from(id, 'utf8')) {
    const character = String.fromCharCode(byte);
    encoded += /[A-Za-z0-9_.-]/.test(character) ? character : percent(byte);
  }
  if (encoded.startsWith('.')) encoded = `%2E${encoded.slice(1)}`;
  if (encoded.endsWith('.')) encoded = `${encoded.slice(0, -1)}%2E`;
  if (encoded === '') return '%';
  if (encoded.length <= maxEncodedLength) return encoded;
  const hash = createHash('sha256').update(id, 'utf8').digest('hex').slice(0, 32);
  return `${encoded.slice(0, maxEncodedLength - 34).replace(/%[0-9A-F]?$/, '')}%~${hash}`;
}

function percent(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}
