import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

export type Waiting = { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined };

/** For each line: waits for the lock of a file that is there, then says so. `flock` would make one that is not. */
const script =
  'while read -r seconds name; do [ ! -e "$name" ] || flock --shared --timeout "$seconds" "$name" true; echo; done';

/**
 * Locks of a folder's files, as `flock` sets them, which Node cannot ask for: one shell asks for all, since starting a
 * process for each file would take longer than reading it.
 */
export class FileLocks implements Disposable {
  readonly folder: string;
  #shell: Shell | null = null;
  #turn: Promise<void> = Promise.resolve();

  constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * Returns once nobody holds the file's lock for writing, the time is over, or locks cannot be asked for here. One file
   * after the other: those that are waited for are being written anyway.
   */
  async released(name: string, { timeoutMs, signal }: Waiting): Promise<void> {
    const turn = this.#turn.then(async () => {
      signal?.throwIfAborted();
      this.#shell ??= startShell(this.folder);
      const line = `${(timeoutMs / 1000).toFixed(3)} ./${name}`;
      await this.#shell.ask(line, signal).catch((error: unknown) => {
        // Its answer would be taken for that to the next question.
        this[Symbol.dispose]();
        throw error;
      });
    });
    this.#turn = turn.catch(() => undefined);
    await turn;
  }

  [Symbol.dispose](): void {
    this.#shell?.child.kill();
    this.#shell = null;
  }
}

type Shell = {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  ask(line: string, signal: AbortSignal | undefined): Promise<void>;
};

function startShell(folder: string): Shell {
  const stdio = ['pipe', 'pipe', 'ignore'] as const;
  const child = spawn('sh', ['-c', script], { cwd: folder, stdio: [...stdio] });
  let isGone = false;
  let answered = (): void => undefined;
  child.stdout.on('data', () => answered());
  const leave = (): void => {
    isGone = true;
    answered();
  };
  child.on('error', leave).on('close', leave);
  child.stdin.on('error', leave);
  return {
    child,
    ask: async (line, signal) => {
      if (isGone) return;
      let abort = (): void => undefined;
      try {
        await new Promise<void>((resolve, reject) => {
          answered = resolve;
          abort = () => reject(signal?.reason as Error);
          signal?.addEventListener('abort', abort, { once: true });
          child.stdin.write(`${line}\n`);
        });
      } finally {
        signal?.removeEventListener('abort', abort);
      }
    },
  };
}
