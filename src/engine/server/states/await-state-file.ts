/** Files that a server writes after it has answered, with a lock that it holds until they are whole. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  readSafetensorsHeader,
  type SafetensorsFile,
  TruncatedFileError,
} from '../../../safetensors/index.ts';
import type { FileLocks, Waiting } from './file-locks.ts';

/** Between two looks at a file that is not whole yet. */
const lookEveryMs = 20;

/**
 * The file once it is whole; null where it is not in time. Without a lock, or where locks cannot be asked for, a file of
 * the length that its header announces counts as whole.
 *
 * @throws UserError where it is no safetensors file.
 */
export async function awaitStateFile(
  locks: FileLocks,
  name: string,
  { timeoutMs, signal }: Waiting,
): Promise<SafetensorsFile | null> {
  const until = performance.now() + timeoutMs;
  await locks.released(`${name}.lock`, { timeoutMs, signal });
  for (;;) {
    const path = join(locks.folder, name);
    const file = await readSafetensorsHeader(path).catch((error: unknown) => {
      if (error instanceof TruncatedFileError || isMissing(error)) return null;
      throw error;
    });
    if (file !== null || performance.now() >= until) return file;
    await delay(lookEveryMs, undefined, signal === undefined ? {} : { signal });
  }
}

function isMissing(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : null;
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}
