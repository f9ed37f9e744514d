import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../dist/cli/bin.js', import.meta.url));

export type ServedStore = {
  /** `http://127.0.0.1:<port>/`. */
  readonly url: string;
  readonly stop: () => Promise<void>;
};

/** A service of the built command line over a store, on a port that is free or the one that is named. */
export async function serveStore(store: string, port = 0): Promise<ServedStore> {
  const child = spawn(process.execPath, [bin, 'serve', '--store', store, '--port', String(port)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const told: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    const url = /http:\/\/\S+\//.exec(line)?.[0];
    if (url === undefined) {
      told.push(line);
      continue;
    }
    const stop = async (): Promise<void> => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      // As a machine that goes down would: a service has nothing to say goodbye to.
      child.kill('SIGKILL');
      await gone;
    };
    child.stderr.resume();
    return { url, stop };
  }
  throw new Error(`serveStore: sonde serve ended before it listened:\n${told.join('\n')}`);
}
