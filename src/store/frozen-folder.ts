import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { absent, atomicCreate, isTemporaryName } from './atomic.ts';
import { encodeId } from './file-name.ts';
import type { JsonDocument } from './json-folder.ts';

/** A frozen document as it is found. */
export type FrozenDocument = {
  /** By the file's name. */
  readonly id: string;
  readonly path: string;
  /** Null where the file holds no JSON object any more. */
  readonly document: JsonDocument | null;
  /** Whether the file says what was written: its id is its name, and its `sha256` is right. */
  readonly intact: boolean;
};

/** A folder of JSON documents that are written once; a file that was changed is noticed. */
export interface FrozenFolder {
  /**
   * Adds the fields `id` and `sha256` (of the canonical document without it). Returns false, and writes nothing, where a
   * document of that id is there already.
   */
  create(id: string, document: JsonDocument): Promise<boolean>;
  read(id: string): Promise<FrozenDocument | null>;
  /** Ordered by id. */
  list(): Promise<FrozenDocument[]>;
}

const extension = '.json';

/** The frozen documents in a folder. Ids are letters and digits: a file's name is its id. */
export function createFrozenFolder(folder: string): FrozenFolder {
  const pathOf = (id: string): string => join(folder, `${encodeId(id)}${extension}`);
  const read = async (id: string): Promise<FrozenDocument | null> => {
    const path = pathOf(id);
    const content = await readFile(path, 'utf8').catch(absent);
    return content === null ? null : { id, path, ...check(id, content) };
  };
  return {
    create: (id, document) =>
      atomicCreate(pathOf(id), (temporary) => writeFile(temporary, format({ ...document, id }))),
    read,
    async list() {
      const entries = (await readdir(folder, { withFileTypes: true }).catch(absent)) ?? [];
      const names = entries
        .filter((entry) => entry.isFile() && !isTemporaryName(entry.name))
        .map(({ name }) => name)
        .filter((name) => name.endsWith(extension))
        .sort();
      const found = await Promise.all(names.map((name) => read(name.slice(0, -extension.length))));
      return found.filter((one) => one !== null);
    },
  };
}

function format(document: JsonDocument): string {
  return `${JSON.stringify({ ...document, sha256: seal(document) }, null, 2)}\n`;
}

function check(id: string, content: string): Pick<FrozenDocument, 'document' | 'intact'> {
  const document = parseObject(content);
  if (document === null) return { document, intact: false };
  const { sha256, ...rest } = document;
  return { document, intact: rest['id'] === id && sha256 === seal(rest) };
}

function parseObject(content: string): JsonDocument | null {
  try {
    const value: unknown = JSON.parse(content);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as JsonDocument) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function seal(document: JsonDocument): string {
  return createHash('sha256').update(canonicalJson(document), 'utf8').digest('hex');
}

/** JSON without spaces, keys in order: one text for equal values. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
