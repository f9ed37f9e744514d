import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path';
import type { Store } from '../../store/index.ts';

export type TriedFile = {
  readonly path: string;
  /** How it was read; null where that was not found out. */
  readonly format: string | null;
  /** Why it was refused; null where it was not. */
  readonly refused: string | null;
};

/**
 * Keeps that a file was refused, once a file however often it is tried, and forgets it when the file comes in after all (or
 * turns out to be nothing to import). Folders are left out: who reads the store over a network is not told them.
 */
export async function keepRefused(
  { refusedImports: kept }: Pick<Store, 'refusedImports'>,
  { path, format, refused }: TriedFile,
): Promise<void> {
  const id = createHash('sha256').update(path, 'utf8').digest('hex').slice(0, 32);
  if (refused === null) {
    await kept.remove(id);
    return;
  }
  await kept.write({
    ...{ schemaVersion: 1, id, source: basename(path), format },
    reason: refused.replaceAll(`${dirname(path)}/`, ''),
    refusedAt: new Date().toISOString(),
  });
}
