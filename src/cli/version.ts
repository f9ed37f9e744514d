import { readFileSync } from 'node:fs';

const packageFile = new URL('../../package.json', import.meta.url);

/** The version of this package, from its package.json. */
export const version: string = String(
  (JSON.parse(readFileSync(packageFile, 'utf8')) as { version: unknown }).version,
);
