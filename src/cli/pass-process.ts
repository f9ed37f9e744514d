import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { PassApart } from '../jobs/index.ts';
import { ownBin } from './own-bin.ts';

/** `sonde extract` in a process of its own. @throws where it does not end well; it is interrupted with the signal. */
export async function passInProcess(
  { dir, suite, tasks, render, precision, threads }: PassApart,
  { storeDir, cwd, signal }: { storeDir: string; cwd: string; signal: AbortSignal },
): Promise<void> {
  const asked = ['--suite', suite, '--tasks', tasks.join(','), '--render', render];
  const how = ['--precision', precision, '--threads', `${threads}`];
  const child = spawn(
    process.execPath,
    [ownBin, '--store', storeDir, '--quiet', 'extract', dir, ...asked, ...how],
    { cwd, stdio: 'ignore' },
  );
  const interrupt = (): boolean => child.kill('SIGTERM');
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`extract: ended with ${String(code)}`);
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}
