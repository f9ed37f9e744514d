import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../dist/cli/bin.js', import.meta.url));

/** The bundled series. */
export const series: string = fileURLToPath(new URL('../../examples/tiny-olmo3/', import.meta.url));

export type Finished = {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
};

type RunOptions = {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  /** Sends SIGKILL to the process after so many milliseconds. */
  readonly killAfterMs?: number;
  /** No file of it may be larger than so many blocks of 512 bytes (`ulimit -f`). */
  readonly fileBlocks?: number;
  /** Called with the process's id every few milliseconds while it runs. */
  readonly watch?: (pid: number) => void;
};

/** Runs the built command line as a process of its own. */
export async function runSonde(
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  const command = [process.execPath, bin, ...args];
  const limit = options.fileBlocks;
  const started =
    limit === undefined ? command : ['sh', '-c', `ulimit -f ${limit}; exec "$@"`, 'sh', ...command];
  const child = spawn(started[0] ?? '', started.slice(1), {
    cwd: options.cwd ?? series,
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const timer =
    options.killAfterMs === undefined
      ? undefined
      : setTimeout(() => child.kill('SIGKILL'), options.killAfterMs);
  const { watch } = options;
  const watching = watch === undefined ? undefined : setInterval(() => watch(child.pid ?? 0), 4);
  const closed = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const [code, stdout, stderr] = await Promise.all([
    closed,
    text(child.stdout),
    text(child.stderr),
  ]);
  clearTimeout(timer);
  clearInterval(watching);
  return { code, stdout, stderr };
}

/** Runs with `--json` and returns the object; a failure becomes an error that shows stderr. */
export async function runJson<Result>(
  args: readonly string[],
  options: RunOptions = {},
): Promise<Result> {
  const { code, stdout, stderr } = await runSonde([...args, '--json'], options);
  if (code !== 0) throw new Error(`sonde ${args.join(' ')}: exit ${String(code)}\n${stderr}`);
  return JSON.parse(stdout) as Result;
}
