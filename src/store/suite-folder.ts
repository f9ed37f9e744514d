import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../error/index.ts';
import { hashSuiteContent, loadSuite, type Suite } from '../suite/index.ts';
import { absent, atomicWriteFolder } from './atomic.ts';
import {
  createImportedSuiteDraft,
  type ImportedSuiteDraft,
  type KnownQuestions,
  questionText,
} from './imported-suite-draft.ts';
import { type ImportedCopy, outermost, readMark, writeUnion } from './imported-suites.ts';

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
  /**
   * Opens a suite that grows by questions out of harness logs; null where the name belongs to a suite that somebody
   * wrote.
   */
  openImported(name: string): Promise<ImportedSuite | null>;
}

/** A suite out of harness logs, open for further imports. */
export type ImportedSuite = {
  /** For the questions of one log. */
  draft(): ImportedSuiteDraft;
};

/** Copies of suites, `suites/<hash of the whole content>/`. */
export function createSuiteFolder(dir: string): SuiteFolder {
  const folder = join(dir, 'suites');

  const contentHashes = async (): Promise<string[]> => {
    const names = (await readdir(folder).catch(absent)) ?? [];
    return names.filter((name) => /^[0-9a-f]{64}$/.test(name)).sort();
  };

  /** Copies of suites out of logs, and of suites that somebody wrote. */
  const sortCopies = async (): Promise<{ imported: ImportedCopy[]; others: string[] }> => {
    const imported: ImportedCopy[] = [];
    const others: string[] = [];
    for (const hash of await contentHashes()) {
      const mark = await readMark(join(folder, hash));
      if (mark === null) others.push(hash);
      else imported.push({ hash, mark });
    }
    return { imported, others };
  };

  const findByName = async (wanted: string, isHash: boolean): Promise<string | null> => {
    const damaged: UserError[] = [];
    const matches: StoredSuite[] = [];
    const { imported, others } = await sortCopies();
    const parts = outermost(imported.filter(({ mark }) => mark.name === wanted));
    for (const contentHash of others) {
      const suite = await openCopy(folder, contentHash).catch(userError);
      if (suite instanceof UserError) damaged.push(suite);
      else if (suite.name === wanted || (isHash && suite.hash.startsWith(wanted)))
        matches.push(suite);
    }
    const found = [
      ...matches.map(
        ({ version, contentHash }) => `${contentHash.slice(0, 12)} (version ${version})`,
      ),
      ...parts.slice(0, 1).map(({ hash }) => `${hash.slice(0, 12)} (out of logs)`),
    ];
    if (found.length > 1) throw ambiguous(wanted, found);
    if (parts.length > 1) return writeUnion(folder, parts);
    if (parts[0] !== undefined) return join(folder, parts[0].hash);
    // One of the damaged copies may be the one that is meant.
    if (matches[0] === undefined && damaged[0] !== undefined) throw damaged[0];
    return matches[0]?.dir ?? null;
  };

  return {
    async list() {
      const suites: StoredSuite[] = [];
      const { imported, others } = await sortCopies();
      for (const contentHash of [...outermost(imported).map(({ hash }) => hash), ...others])
        suites.push(await openCopy(folder, contentHash));
      return suites;
    },
    async openImported(name) {
      const { imported, others } = await sortCopies();
      for (const contentHash of others) {
        if ((await openCopy(folder, contentHash)).name === name) return null;
      }
      const known: KnownQuestions = { texts: new Map(), tasks: new Map() };
      for (const { hash } of outermost(imported.filter(({ mark }) => mark.name === name))) {
        const suite = await loadSuite(join(folder, hash));
        for (const item of suite.items) known.texts.set(item.id, questionText(item));
        for (const task of suite.tasks.values()) known.tasks.set(task.name, task);
      }
      return { draft: () => createImportedSuiteDraft(folder, name, known) };
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
