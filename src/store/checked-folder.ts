import { readdir } from 'node:fs/promises';
import type { z } from 'zod';
import { UserError } from '../error/index.ts';
import { absent, isTemporaryName } from './atomic.ts';
import { createJsonFolder } from './json-folder.ts';

export type CheckedList = {
  /** Those whose ids begin so. @default all */
  readonly prefix?: string;
  /** Hears of a file that holds something else, which is left out. @default it is thrown */
  readonly onDamaged?: (error: UserError) => void;
};

/**
 * A folder of small JSON files of one form, one a record, each replaced as a whole. Ids are letters, digits and dashes: a
 * file's name is its id.
 */
export interface CheckedFolder<T extends { readonly id: string }> {
  write(record: T): Promise<void>;
  /** Null where there is none. */
  read(id: string): Promise<T | null>;
  /** Ordered by id; one that goes while they are read is left out. */
  list(options?: CheckedList): Promise<T[]>;
  /** Also where there is none. */
  remove(id: string): Promise<void>;
}

/** @throws UserError from `read` and `list`, for a file that holds something else than what Sonde writes. */
export function createCheckedFolder<T extends { readonly id: string }>(
  folder: string,
  schema: z.ZodType<T>,
): CheckedFolder<T> {
  const documents = createJsonFolder(folder);
  const read = async (id: string): Promise<T | null> => {
    const document = await documents.read(id);
    if (document === null) return null;
    const parsed = schema.safeParse(document);
    if (parsed.success) return parsed.data;
    const place = parsed.error.issues[0]?.path.map(String).join(' → ') ?? '';
    throw new UserError(
      `\`store\`: expected what Sonde writes in ${folder} of \`${id}\`, found something else at \`${place}\`: remove the file, or restore it`,
      { cause: parsed.error },
    );
  };
  return {
    write: (record) => documents.write(record.id, record),
    read,
    remove: (id) => documents.remove(id),
    async list({ prefix = '', onDamaged } = {}) {
      const names = (await readdir(folder).catch(absent)) ?? [];
      const ids = names
        .filter(
          (name) => name.startsWith(prefix) && name.endsWith('.json') && !isTemporaryName(name),
        )
        .map((name) => name.slice(0, -'.json'.length));
      const readSound = async (id: string): Promise<T | null> =>
        read(id).catch((error: unknown) => {
          if (onDamaged === undefined || !(error instanceof UserError)) throw error;
          onDamaged(error);
          return null;
        });
      const found = await Promise.all(ids.sort().map(readSound));
      return found.filter((one) => one !== null);
    },
  };
}
