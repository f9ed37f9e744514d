import { type Item, promptSha256 } from '../suite/index.ts';

/** Hex digits kept: 48 bits, which 100,000 different texts share by chance once in 50,000 suites. */
const DIGITS = 12;

/**
 * Hashes of the texts that an item is asked with, one for each rendering that it has. Texts that differ in Unicode form
 * (NFC) or in white space alone hash alike.
 */
export function textHashes({ id, prompt, messages }: Item): string[] {
  const item = {
    id,
    prompt: prompt === null ? null : normalised(prompt),
    messages: messages?.map((one) => ({ ...one, content: normalised(one.content) })) ?? null,
  };
  return [
    ...(prompt === null ? [] : [promptSha256(item, 'prompt').slice(0, DIGITS)]),
    ...(messages === null ? [] : [promptSha256(item, 'messages').slice(0, DIGITS)]),
  ];
}

function normalised(text: string): string {
  return text.normalize('NFC').replace(/\s+/gu, ' ').trim();
}
