// A store as a long run leaves it, and `sonde serve` over it in a process of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { longRun, writeBigStore } from './big-store.mjs';

/** Options of the command line that say which store. */
export const storeOptions = {
  store: { type: 'string' },
  shape: { type: 'string', default: `${longRun.checkpoints}x${longRun.tasks}x${longRun.items}` },
};

/** Calls `measure` with the service and the folder of its store; afterwards both are gone, but for a folder that was named. */
export async function withServedStore({ store, shape }, measure) {
  const scratch = await mkdtemp(join(tmpdir(), 'sonde-serve-'));
  try {
    const folder = await storeFolder(scratch, { store, shape });
    const service = await startService(folder);
    try {
      await measure(service, folder);
    } finally {
      service.child.kill('SIGTERM');
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function storeFolder(scratch, { store, shape }) {
  if (store !== undefined) return resolve(process.env.INIT_CWD ?? '.', store);
  const [checkpoints, tasks, items] = shape.split('x').map(Number);
  const folder = join(scratch, '.sonde');
  await writeBigStore(folder, { checkpoints, tasks, items });
  return folder;
}

async function startService(store) {
  const bin = new URL('../dist/cli/bin.js', import.meta.url).pathname;
  const preload = new URL('settled-memory.mjs', import.meta.url).href;
  const command = ['--expose-gc', '--import', preload, bin, '--store', store];
  const child = spawn(process.execPath, [...command, 'serve', '--port', '0'], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  for await (const line of createInterface({ input: child.stderr })) {
    const url = /dashboard on (\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    child.stderr.resume();
    return { child, url: `${url}api/v1` };
  }
  throw new Error('the service did not start');
}

/** Megabytes of the service after a collection: what its program holds, and what is resident. */
export async function settledMemory({ child }) {
  const answer = once(child, 'message', { signal: AbortSignal.timeout(30_000) });
  child.send('settle');
  const [{ held, resident }] = await answer;
  return { held: held / 2 ** 20, resident: resident / 2 ** 20 };
}
