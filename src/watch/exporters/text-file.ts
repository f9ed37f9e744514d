import { readFile, writeFile } from 'node:fs/promises';
import { atomicWrite } from '../../store/index.ts';

/** Replaces a file as a whole, where it says something else. */
export async function replaceText(path: string, text: string): Promise<void> {
  const before = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  });
  if (before === text) return;
  await atomicWrite(path, (temporary) => writeFile(temporary, text));
}
