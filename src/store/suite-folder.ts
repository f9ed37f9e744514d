import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../error/index.ts';
import { hashSuiteContent, loadSuite, type Suite } from '../suite/index.ts';
import { absent, atomicWriteFolder } from './atomic.ts';

export type StoredSuite = {
  name: string;
  version: string;
  hash: string;
  contentHash: string;
  dir: string;
};

export interface SuiteFolder {
  /** Keeps a copy of a whole suite's files as they were asked. Returns the copy's folder. */
  keep(suite: Suite): Promise<string>;
  /**
   * The folder of the copy whose content hash begins so (at least 8 digits), else of the one whose hash begins so or
   * whose name is this; null where there is none. A damaged copy matters only where no other one is meant.
   */
  find(nameOrHash: string): Promise<string | null>;
  list(): Promise<StoredSuite[]>;
}

/** Copies of suites, `suites/<hash of the whole content>/`. */
export function createSuiteFolder(dir: string): SuiteFolder {
  const folder = join(dir, 'suites');

  const contentHashes = async (): Promise<string[]> => {
    const names = (await readdir(folder).catch(absent)) ?? [];
    return names.filter((name) => /^[0-9a-f]{64}$/.test(name)).sort();
  };

  const findByName = async (wanted: string, isHash: boolean): Promise<string | null> => {
    const damaged: UserError[] = [];
    const matches: StoredSuite[] = [];
    for (const contentHash of await contentHashes()) {
      const suite = await openCopy(folder, contentHash).catch(userError);
      if (suite instanceof UserError) damaged.push(suite);
      else if (suite.name === wanted || (isHash && suite.hash.startsWith(wanted)))
        matches.push(suite);
    }
    if (matches.length > 1) {
      throw ambiguous(
        wanted,
        matches.map(
          ({ version, contentHash }) => `${contentHash.slice(0, 12)} (version ${version})`,
        ),
      );
    }
    // One of the damaged copies may be the one that is meant.
    if (matches[0] === undefined && damaged[0] !== undefined) throw damaged[0];
    return matches[0]?.dir ?? null;
  };

  return {
    async list() {
      const suites: StoredSuite[] = [];
      for (const contentHash of await contentHashes())
        suites.push(await openCopy(folder, contentHash));
      return suites;
    },
    async keep(suite) {
      const from = suite.dir;
      if (from === null)
        throw new UserError(`\`suites\`: suite \`${suite.name}\` has no files to keep`);
      return atomicWriteFolder(folder, async (temporary) => {
        await copyFile(join(from, 'suite.yaml'), join(temporary, 'suite.yaml'));
        await copyFile(join(from, 'items.jsonl'), join(temporary, 'items.jsonl'));
        return hashSuiteContent(await loadSuite(temporary));
      });
    },
    async find(wanted) {
      const isHash = /^[0-9a-f]{8,64}$/.test(wanted);
      const copies = isHash
        ? (await contentHashes()).filter((contentHash) => contentHash.startsWith(wanted))
        : [];
      if (copies.length > 1) throw ambiguous(wanted, copies);
      if (copies[0] !== undefined) return join(folder, copies[0]);
      return findByName(wanted, isHash);
    },
  };
}

async function openCopy(folder: string, contentHash: string): Promise<StoredSuite> {
  const dir = join(folder, contentHash);
  try {
    const { name, version, hash } = await loadSuite(dir);
    return { name, version, hash, contentHash, dir };
  } catch (cause) {
    if (!(cause instanceof UserError)) throw cause;
    throw new UserError(
      `\`suites\`: the copy in ${dir} is damaged (${cause.message}): restore its files, or remove the folder`,
      { cause },
    );
  }
}

function userError(error: unknown): UserError {
  if (error instanceof UserError) return error;
  throw error;
}

function ambiguous(wanted: string, copies: readonly string[]): UserError {
  return new UserError(
    `\`suites\`: \`${wanted}\` stands for ${copies.length} suites of the store, ${copies.join(', ')}: name one by its hash, or give its folder`,
  );
}
