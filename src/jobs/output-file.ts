import { constants } from 'node:fs';
import { access, mkdir, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UserError } from '../error/index.ts';
import { atomicWrite } from '../store/index.ts';

/** Where a file that was asked for will be written; checked before the work that fills it. */
export type OutputFile = { write(fill: (temporaryPath: string) => Promise<void>): Promise<void> };

/**
 * Checks that `path` can be written: a new file, or one that is replaced as a whole. Through a symbolic link, the file
 * that it points to is replaced.
 *
 * @throws UserError naming `option` where it is a folder, a device or a pipe, or its folder cannot be written.
 */
export async function prepareOutput(option: string, path: string): Promise<OutputFile> {
  const target = await realpath(path).catch(() => path);
  const found = await stat(target).catch(() => null);
  if (found !== null && !found.isFile()) {
    const kind = found.isDirectory() ? 'a folder' : 'no regular file';
    throw new UserError(`${option}: expected a file to write, ${path} is ${kind}`);
  }
  try {
    await mkdir(dirname(target), { recursive: true });
    await access(dirname(target), constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw unwritable(option, path, cause);
  }
  return {
    write: async (fill) => {
      try {
        await atomicWrite(target, fill);
      } catch (cause) {
        if (cause instanceof Error && 'code' in cause) throw unwritable(option, path, cause);
        throw cause;
      }
    },
  };
}

/** @throws UserError where the file would stand among those of a folder that is read. */
export async function checkBeside(
  option: string,
  path: string,
  { what, dir }: { readonly what: string; readonly dir: string },
): Promise<void> {
  const [parent, folder] = await Promise.all(
    [dirname(await realpath(path).catch(() => path)), dir].map((each) =>
      realpath(each).catch(() => each),
    ),
  );
  if (parent !== folder) return;
  throw new UserError(
    `${option}: expected a file outside of ${what}, got ${path}: what is written there would be read as a part of it`,
  );
}

function unwritable(option: string, path: string, cause: unknown): UserError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new UserError(`${option}: cannot write ${path}: ${reason}`, { cause });
}
