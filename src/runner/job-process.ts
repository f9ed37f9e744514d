/**
 * A process that does steps for another one, which sends them one after the other and hears their records. It ends when
 * that one does. A native library that aborts takes this process with it, and no other.
 */
import { resolve } from 'node:path';
import { z } from 'zod';
import { jobContext, type ProgressStep } from '../jobs/index.ts';
import { openStore } from '../store/index.ts';
import type { JobRecord } from '../store/index.ts';
import { parseJob, performJob } from './perform-job.ts';

export type FromJobProcess =
  | { readonly type: 'record'; readonly record: JobRecord }
  | { readonly type: 'interrupted' }
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'progress'; readonly step: ProgressStep };

const interruption = new AbortController();
const stop = (): void => interruption.abort(new Error('interrupted'));
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
// The other end is gone: nobody waits for what would come.
process.once('disconnect', stop);

const [storeDir = '', cwd = '', threads] = process.argv.slice(2);
const store = await openStore(storeDir);
const context = jobContext({
  signal: interruption.signal,
  note: (text) => tell({ type: 'note', text }),
  progress: (step) => tell({ type: 'progress', step }),
  resolve: (path) => resolve(cwd, path),
  limits: { threads: Number(threads) },
});

let current = Promise.resolve();
process.on('message', (message) => {
  current = current.then(() => doJob(message));
});
interruption.signal.addEventListener('abort', () => {
  void current.finally(() => {
    if (process.connected) process.disconnect();
  });
});

async function doJob(message: unknown): Promise<void> {
  try {
    const { job } = z.object({ job: z.unknown() }).parse(message);
    tell({ type: 'record', record: await performJob(store, parseJob(job), context) });
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    tell({ type: 'interrupted' });
  }
}

function tell(message: FromJobProcess): void {
  if (process.connected) process.send?.(message);
}
