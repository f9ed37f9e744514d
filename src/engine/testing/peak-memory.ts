import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';

/** Only Linux tells memory that is the process's own from pages of mapped files. */
export const tellsOwnMemory: boolean = existsSync('/proc/self/status');

/** Memory that was used before and not yet given back would hide what is taken now. */
function collectGarbage(): void {
  setFlagsFromString('--expose_gc');
  (runInNewContext('gc') as () => void)();
}

async function ownMemory(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8');
  return 1024 * Number(/RssAnon:\s+(\d+)/.exec(status)?.[1]);
}

/** A run of the runtime blocks its thread: another one looks on. */
const WATCH = `
const { workerData } = require('node:worker_threads');
const { readFileSync } = require('node:fs');
setInterval(() => {
  const own = Number(/RssAnon:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  if (own > workerData[0]) workerData[0] = own;
  workerData[1] = 1;
}, 2);
`;

/**
 * The largest memory in bytes that the process held of its own while `work` ran, beyond what it held before: weights that
 * are mapped from files are the page cache's.
 */
export async function peakGrowth(work: () => Promise<void>): Promise<number> {
  const seen = new Int32Array(new SharedArrayBuffer(8));
  const watcher = new Worker(WATCH, { eval: true, workerData: seen });
  try {
    while (Atomics.load(seen, 1) === 0) await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    const before = await ownMemory();
    Atomics.store(seen, 0, 0);
    await work();
    return 1024 * Atomics.load(seen, 0) - before;
  } finally {
    await watcher.terminate();
  }
}
