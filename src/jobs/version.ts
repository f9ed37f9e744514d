import { readFileSync } from 'node:fs';

const packageFile = new URL('../../package.json', import.meta.url);

/** The version that frozen results carry. */
export const sondeVersion: string = String(
  (JSON.parse(readFileSync(packageFile, 'utf8')) as { version: unknown }).version,
);
