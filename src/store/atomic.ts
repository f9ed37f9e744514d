/**
 * Writing so that another process, or this one killed at any moment, sees a file whole or not at all: under a temporary
 * name in the same folder, flushed, renamed, the folder flushed. Temporary names begin with a dot and end in `.tmp`;
 * readers pass over them, and those that a killed process left are removed after a day.
 */
import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const staleAfterMs = 24 * 60 * 60 * 1000;
const swept = new Set<string>();

/**
 * Makes a file by `write`, which gets the temporary path, and gives it its name once it is complete. An existing file of
 * that name is replaced.
 */
export async function atomicWrite(
  path: string,
  write: (temporaryPath: string) => Promise<void>,
): Promise<void> {
  const temporary = await prepare(path);
  try {
    await write(temporary);
    await flush(temporary, 'r+');
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await flushFolder(dirname(path));
}

/** The same for a file that is never replaced: false, and nothing written, where one of that name exists. */
export async function atomicCreate(
  path: string,
  write: (temporaryPath: string) => Promise<void>,
): Promise<boolean> {
  const temporary = await prepare(path);
  try {
    await write(temporary);
    await flush(temporary, 'r+');
    if (!(await linkUnlessThere(temporary, path))) return false;
  } finally {
    await rm(temporary, { force: true });
  }
  await flushFolder(dirname(path));
  return true;
}

/**
 * The same for a folder in `parent`: `fill` gets the temporary one and returns the name that it shall have. Where one of
 * that name exists, it is kept and the new one dropped: names of folders come from their content. Returns its path.
 */
export async function atomicWriteFolder(
  parent: string,
  fill: (temporaryFolder: string) => Promise<string>,
): Promise<string> {
  const temporary = await prepare(join(parent, 'folder'));
  let path: string;
  try {
    await mkdir(temporary);
    path = join(parent, await fill(temporary));
    await flushTree(temporary);
    await renameUnlessThere(temporary, path);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
  await flushFolder(parent);
  return path;
}

export type FileDraft = {
  /** The temporary path, in the folder that the file will stand in. */
  readonly path: string;
  /** Gives the complete file its name. An existing file of that name is replaced. Returns its path. */
  keep(name: string): Promise<string>;
  drop(): Promise<void>;
};

/** A file in `folder` that is made over a longer time: nobody sees it before it is kept. */
export async function draftFile(folder: string): Promise<FileDraft> {
  const temporary = await prepare(join(folder, 'draft'));
  return {
    path: temporary,
    async keep(name) {
      const path = join(folder, name);
      await flush(temporary, 'r+');
      await rename(temporary, path);
      await flushFolder(folder);
      return path;
    },
    drop: () => rm(temporary, { force: true }),
  };
}

/** Whether a name in a folder is one of somebody's unfinished writes. */
export function isTemporaryName(name: string): boolean {
  return name.startsWith('.') && name.endsWith('.tmp');
}

async function prepare(path: string): Promise<string> {
  const folder = dirname(path);
  await makeFolder(folder);
  await sweep(folder);
  return join(folder, `.${basename(path).slice(0, 200)}.${randomUUID()}.tmp`);
}

async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) {
    await flushFolder(dirname(made));
  }
}

/** Once a process and folder, removes temporary files that are older than a day. */
async function sweep(folder: string): Promise<void> {
  if (swept.has(folder)) return;
  swept.add(folder);
  await removeStale(folder, Date.now());
}

/** Removes temporary files and folders that were last changed more than a day before `nowMs`. */
export async function removeStale(folder: string, nowMs: number): Promise<void> {
  for (const name of (await readdir(folder)).filter(isTemporaryName)) {
    const path = join(folder, name);
    const modified = await stat(path).then((found) => found.mtimeMs, absent);
    if (modified !== null && nowMs - modified > staleAfterMs) {
      await rm(path, { recursive: true, force: true });
    }
  }
}

/** For `catch`: null where a file is not there (any more); every other error is thrown on. */
export function absent(error: unknown): null {
  if (hasCode(error, ['ENOENT', 'ENOTDIR'])) return null;
  throw error;
}

/** A link fails where the name is taken; a rename would replace it. */
async function linkUnlessThere(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (hasCode(error, ['EEXIST'])) return false;
    // File systems without hard links: two processes at the same moment may both write, one of them counts.
    if (!hasCode(error, ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])) throw error;
    if ((await stat(to).catch(absent)) !== null) return false;
    await rename(from, to);
    return true;
  }
}

async function renameUnlessThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!hasCode(error, ['ENOTEMPTY', 'EEXIST', 'EPERM'])) throw error;
    if ((await stat(to).catch(absent)) === null) throw error;
    await rm(from, { recursive: true, force: true });
  }
}

async function flushTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await flushTree(path);
    else if (entry.isFile()) await flush(path, 'r+');
  }
  await flushFolder(folder);
}

async function flushFolder(folder: string): Promise<void> {
  try {
    await flush(folder, 'r');
  } catch (error) {
    // Windows and some network file systems cannot flush a folder; the rename is as safe there as it gets.
    if (!hasCode(error, ['EPERM', 'EISDIR', 'EINVAL', 'ENOTSUP', 'EACCES'])) throw error;
  }
}

async function flush(path: string, flags: 'r' | 'r+'): Promise<void> {
  const handle = await open(path, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function hasCode(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
