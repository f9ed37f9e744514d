import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../error/index.ts';
import { absent, atomicWrite, isTemporaryName } from './atomic.ts';
import { encodeId } from './file-name.ts';

export type JsonDocument = Readonly<Record<string, unknown>>;

/** A folder of small JSON files, one a document, named by its id; a document is replaced as a whole. */
export interface JsonFolder {
  /** Adds the field `id`. */
  write(id: string, document: JsonDocument): Promise<void>;
  /** The document, its field `id` included, to be checked by the caller; null where there is none. */
  read(id: string): Promise<JsonDocument | null>;
  /** Also where there is none. */
  remove(id: string): Promise<void>;
  /** All ids, sorted. */
  ids(): Promise<string[]>;
}

/** The JSON documents in a folder. */
export function createJsonFolder(folder: string): JsonFolder {
  const pathOf = (id: string): string => join(folder, `${encodeId(id)}.json`);
  return {
    write: (id, document) =>
      atomicWrite(pathOf(id), (temporary) =>
        writeFile(temporary, `${JSON.stringify({ ...document, id }, null, 2)}\n`),
      ),
    read: (id) => readDocument(pathOf(id)),
    remove: (id) => rm(pathOf(id), { force: true }),
    async ids() {
      const names = (await readdir(folder).catch(absent)) ?? [];
      const ids: string[] = [];
      for (const name of names) {
        if (!name.endsWith('.json') || isTemporaryName(name)) continue;
        const document = await readDocument(join(folder, name));
        if (typeof document?.['id'] === 'string') ids.push(document['id']);
      }
      return ids.sort();
    },
  };
}

/** A JSON object in a file; null where there is no file. */
export async function readDocument(path: string): Promise<JsonDocument | null> {
  const content = await readFile(path, 'utf8').catch(absent);
  if (content === null) return null;
  const value = parse(content, path);
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as JsonDocument;
  throw new UserError(
    `\`store\`: expected a JSON object in ${path}: remove the file, or restore it`,
  );
}

function parse(content: string, path: string): unknown {
  try {
    return JSON.parse(content) as unknown;
  } catch (cause) {
    throw new UserError(`\`store\`: expected JSON in ${path}: remove the file, or restore it`, {
      cause,
    });
  }
}
