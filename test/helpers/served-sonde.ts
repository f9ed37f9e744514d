import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export type ServedSonde = {
  readonly port: number;
  readonly child: ChildProcess;
  /** Asks a path of it. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** Sends these bytes as they are; what came back until the other side closed. */
  raw(bytes: string): Promise<string>;
  /** By SIGTERM: the exit code. */
  end(): Promise<number | null>;
};

const bin = fileURLToPath(new URL('../../dist/cli/bin.js', import.meta.url));

/** `sonde serve` in a process of its own, on a free port. */
export async function serveSonde(
  store: string,
  { args = [], env = {} }: { readonly args?: readonly string[]; readonly env?: object } = {},
): Promise<ServedSonde> {
  const child = spawn(process.execPath, [bin, '--store', store, 'serve', '--port', '0', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  const port = await portOf(child);
  return {
    ...{ port, child },
    ask: (path, init) => fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual', ...init }),
    raw: (bytes) => exchange(port, bytes),
    async end() {
      if (child.exitCode !== null) return child.exitCode;
      child.kill('SIGTERM');
      await once(child, 'exit');
      return child.exitCode;
    },
  };
}

/** Who closes while the other side still sends may cut the connection: what was read before stands. */
async function exchange(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (part: string) => {
    answer += part;
  });
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => resolve()).on('error', () => undefined);
  });
  socket.write(bytes);
  await closed;
  return answer;
}

async function portOf({ stderr }: ChildProcess): Promise<number> {
  const said: string[] = [];
  if (stderr === null) throw new Error('serve: no stderr');
  for await (const line of createInterface({ input: stderr })) {
    const port = /dashboard on http:\/\/\S+:(\d+)\//.exec(line)?.[1];
    if (port !== undefined) {
      stderr.resume();
      return Number(port);
    }
    said.push(line);
  }
  throw new Error(`serve: it ended, saying: ${said.join('\n')}`);
}
