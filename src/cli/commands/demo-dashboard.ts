import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { UserError } from '../../error/index.ts';
import { ownBin } from '../own-bin.ts';

/** A dashboard in a process of its own: fitting and passes keep the caller's thread busy. */
export type Dashboard = AsyncDisposable & { readonly url: string };

/** Starts `sonde serve` on a port that is free; it has ended once this is disposed of. */
export async function startDashboard(storeDir: string, cwd: string): Promise<Dashboard> {
  const child = spawn(process.execPath, [ownBin, '--store', storeDir, 'serve', '--port', '0'], {
    cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  const url = await readAddress(child);
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function readAddress(child: ChildProcess): Promise<string> {
  const said: string[] = [];
  if (child.stderr === null) throw new TypeError('the service has no stderr');
  const lines = createInterface({ input: child.stderr });
  for await (const line of lines) {
    const url = /dashboard on (http:\S+)/.exec(line)?.[1];
    if (url !== undefined) {
      // Nobody reads on: a full pipe would stop the service.
      child.stderr.resume();
      return url;
    }
    said.push(line);
  }
  throw new UserError(`\`demo\`: the dashboard did not start: ${said.join(' ')}`);
}

/** What opens an address in the person's browser, by platform: one command each, no library needed. */
const openers: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

/** Where no browser can be opened (a server, a container) nothing happens: the address was printed. */
export function openBrowser(url: string): void {
  const [command, ...args] = openers[process.platform] ?? ['xdg-open'];
  const child = spawn(command, [...args, url], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}
