import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../error/index.ts';
import type { JobContext } from '../jobs/index.ts';
import type { Store } from '../store/index.ts';
import type { CliEnvironment, GlobalOptions } from './environment.ts';
import { passInProcess } from './pass-process.ts';
import { withoutControlCharacters, withoutLongWords } from './render/terminal-text.ts';
import { createProgressDisplay } from './render/progress.ts';

/** What a command works with: its folder, its store, and how it speaks to the person. */
export type CliSession = JobContext & {
  /** The folder the user stands in. */
  readonly cwd: string;
  /** Environment variables. */
  readonly env: CliEnvironment['env'];
  readonly storeDir: string;
  /** Whether `--store` was given. */
  readonly storeIsGiven: boolean;
  /** Who reads stdout: a script gets JSON, a person a text so wide, in colours where they are shown. */
  readonly reader: { readonly json: boolean; readonly columns: number; readonly color: boolean };
  /** The store, opened at the first call. */
  store(): Promise<Store>;
  [Symbol.asyncDispose](): Promise<void>;
};

export function createCliSession(environment: CliEnvironment, globals: GlobalOptions): CliSession {
  if (globals.store === '') throw new UserError('--store: expected a folder, got an empty name');
  const cwd = userFolder(environment);
  const storeDir = resolve(cwd, globals.store ?? nearestStore(cwd));
  const isQuiet = globals.quiet === true;
  const display = createProgressDisplay(environment.stderr);
  let opened: Promise<Store> | null = null;
  return {
    cwd,
    env: environment.env,
    storeDir,
    storeIsGiven: globals.store !== undefined,
    reader: readerOf(environment, globals),
    signal: environment.signal,
    progress: isQuiet ? () => undefined : display,
    note: (text) => {
      if (isQuiet) return;
      display.stop();
      environment.stderr.write(`note: ${withoutControlCharacters(withoutLongWords(text))}\n`);
    },
    resolve: (path) => resolve(cwd, path),
    passApart: (pass, signal) => passInProcess(pass, { storeDir, cwd, signal }),
    store: () => (opened ??= openStoreFolder(storeDir)),
    [Symbol.asyncDispose]: async () => {
      display.stop();
      // A store that could not be opened has said so where it was asked for.
      const store = await opened?.catch(() => null);
      await store?.[Symbol.asyncDispose]();
    },
  };
}

/** Where the width is not known. */
const usualColumns = 80;

function readerOf({ stdout, env }: CliEnvironment, globals: GlobalOptions): CliSession['reader'] {
  const isPlain = globals.color === false || (env['NO_COLOR'] ?? '') !== '';
  return {
    json: globals.json === true,
    columns: stdout.columns ?? usualColumns,
    color: stdout.isTTY === true && !isPlain,
  };
}

async function openStoreFolder(storeDir: string): Promise<Store> {
  if (existsSync(storeDir) && !statSync(storeDir).isDirectory()) {
    throw new UserError(`--store: expected a folder, got the file ${storeDir}`);
  }
  const { openStore } = await import('../store/index.ts');
  return await openStore(storeDir);
}

/** `npm run sonde` from elsewhere (`--prefix`) starts us in the package's folder; npm keeps the user's in INIT_CWD. */
function userFolder({ cwd, env }: CliEnvironment): string {
  const ownPackage = fileURLToPath(new URL('../../package.json', import.meta.url));
  const isOwnScript =
    env['npm_package_json'] === ownPackage &&
    (env['npm_lifecycle_event'] === 'sonde' || env['npm_lifecycle_event'] === 'demo');
  return isOwnScript ? (env['INIT_CWD'] ?? cwd) : cwd;
}

function nearestStore(cwd: string): string {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const candidate = join(folder, '.sonde');
    if (existsSync(candidate)) return candidate;
    if (dirname(folder) === folder) return join(cwd, '.sonde');
  }
}
