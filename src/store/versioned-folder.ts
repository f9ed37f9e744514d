import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../error/index.ts';
import { absent, atomicWrite, atomicWriteFolder } from './atomic.ts';
import { encodeId } from './file-name.ts';
import { readDocument } from './json-folder.ts';

export type FolderVersion = { name: string; id: string; dir: string };

/**
 * Folders of files under names that can be given again: `<name>/<id>/…` is never changed, `<name>/current.json` says
 * which one the name stands for.
 */
export interface VersionedFolders {
  /** Fills a new folder and lets the name stand for it. The id is the SHA-256 of its files, 32 hex digits. */
  write(name: string, fill: (folder: string) => Promise<void>): Promise<FolderVersion>;
  /** What a name stands for; null where it was never written. */
  find(name: string): Promise<FolderVersion | null>;
  list(): Promise<FolderVersion[]>;
}

/** The named folders of one kind. */
export function createVersionedFolders(kindDir: string): VersionedFolders {
  const current = async (folder: string): Promise<FolderVersion | null> => {
    const document = await readDocument(join(folder, 'current.json'));
    if (document === null) return null;
    const { name, id } = document;
    if (typeof name !== 'string' || typeof id !== 'string' || !/^[0-9a-f]{32}$/.test(id)) {
      throw new UserError(
        `\`store\`: expected \`name\` and \`id\` in ${join(folder, 'current.json')}`,
      );
    }
    return { name, id, dir: join(folder, id) };
  };
  return {
    async write(name, fill) {
      const folder = join(kindDir, encodeId(name));
      const dir = await atomicWriteFolder(folder, async (temporary) => {
        await fill(temporary);
        return hashFiles(temporary);
      });
      const version = { name, id: basename(dir), dir };
      await atomicWrite(join(folder, 'current.json'), (temporary) =>
        writeFile(temporary, `${JSON.stringify({ name, id: version.id })}\n`),
      );
      return version;
    },
    find: (name) => current(join(kindDir, encodeId(name))),
    async list() {
      const names = (await readdir(kindDir).catch(absent)) ?? [];
      const versions = await Promise.all(names.sort().map((name) => current(join(kindDir, name))));
      return versions.filter((version) => version !== null);
    },
  };
}

/** SHA-256 over names and contents of the files of a folder, 32 hex digits. */
async function hashFiles(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(folder)).sort()) {
    const content = createHash('sha256');
    await pipeline(createReadStream(join(folder, name)), content);
    hash.update(`${JSON.stringify([name, content.digest('hex')])}\n`);
  }
  return hash.digest('hex').slice(0, 32);
}
