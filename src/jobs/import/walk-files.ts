import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UserError } from '../../error/index.ts';

export type WalkedFile = {
  path: string;
  /** Why it is not to be opened; null for a plain file. */
  skip: string | null;
};

const maxFiles = 1_000_000;

/**
 * Every file below a folder, sorted by path; links to files are followed, links to folders are not. Folders in `leave`
 * are passed over; one that may not be read is listed itself.
 *
 * @throws UserError for a folder with more than a million files.
 */
export async function walkFiles(dir: string, leave: readonly string[]): Promise<WalkedFile[]> {
  const files: WalkedFile[] = [];
  const folders = [resolve(dir)];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const entries = await readFolder(folder);
    if (entries === null) {
      files.push({ path: folder, skip: 'a folder that may not be read' });
      continue;
    }
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!leave.includes(path)) folders.push(path);
      } else {
        files.push({ path, skip: entry.isFile() ? null : await whyNot(path) });
      }
    }
    if (files.length > maxFiles) {
      throw new UserError(
        `\`import\`: ${dir} holds more than ${maxFiles} files: name a smaller folder`,
      );
    }
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Null where its rights forbid it. */
async function readFolder(folder: string): Promise<Dirent[] | null> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EACCES') return null;
    throw error;
  }
}

/** A pipe would be waited for, and a link to a folder could lead in circles. */
async function whyNot(path: string): Promise<string | null> {
  try {
    const target = await stat(path);
    if (target.isFile()) return null;
    return target.isDirectory() ? 'a link to a folder' : 'not a plain file';
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return 'a link to nothing';
    throw error;
  }
}
