import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { JSON_LIMITS, readTextIfPresent } from './json-file.ts';

const FILES = [
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'chat_template.jinja',
];

/** SHA-256 over the files beside the weights that decide how a question is asked and what the model makes of it. */
export async function fingerprintSetup(dir: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of FILES) {
    const text = await readTextIfPresent(join(dir, name), JSON_LIMITS.tokenizer);
    hash.update(JSON.stringify([name, text?.length ?? null]));
    hash.update(text ?? '');
  }
  return hash.digest('hex');
}
