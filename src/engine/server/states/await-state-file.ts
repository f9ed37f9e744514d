/** Files that a server writes after it has answered, with a lock that it holds until they are whole. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import {
  readSafetensorsHeader,
  type SafetensorsFile,
  TruncatedFileError,
} from '../../../safetensors/index.ts';

export type Waiting = { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined };

/** Between two looks at a file that is not whole yet. */
const lookEveryMs = 20;

/**
 * The file once it is whole; null where it is not in time. Without a lock, or where this machine has no `flock` (of
 * util-linux), a file of the length that its header announces counts as whole.
 *
 * @throws UserError where it is no safetensors file.
 */
export async function awaitStateFile(
  path: string,
  { timeoutMs, signal }: Waiting,
): Promise<SafetensorsFile | null> {
  const until = performance.now() + timeoutMs;
  await awaitLock(`${path}.lock`, { timeoutMs, signal });
  for (;;) {
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

/** Waits until nobody holds the lock for writing, or the time is over. Node itself cannot ask for such locks. */
async function awaitLock(lock: string, { timeoutMs, signal }: Waiting): Promise<void> {
  // `flock` would make a file that is not there.
  const isThere = await stat(lock).then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  const seconds = (timeoutMs / 1000).toFixed(3);
  const child = spawn('flock', ['--shared', '--timeout', seconds, lock, 'true'], {
    stdio: 'ignore',
    ...(signal === undefined ? {} : { signal }),
  });
  await once(child, 'close').catch((error: unknown) => {
    signal?.throwIfAborted();
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  });
}
