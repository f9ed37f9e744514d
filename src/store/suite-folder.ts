import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../error/index.ts';
import { hashSuiteContent, loadSuite, type Suite } from '../suite/index.ts';
import { absent, atomicWriteFolder } from './atomic.ts';

export interface SuiteFolder {
  /** Keeps a copy of a whole suite's files as they were asked. Returns the copy's folder. */
  keep(suite: Suite): Promise<string>;
  /** The folder of the copy whose hash begins so (at least 8 digits), or whose name is this; null where there is none. */
  find(nameOrHash: string): Promise<string | null>;
  list(): Promise<
    { name: string; version: string; hash: string; contentHash: string; dir: string }[]
  >;
}

/** Copies of suites, `suites/<hash of the whole content>/`. */
export function createSuiteFolder(dir: string): SuiteFolder {
  const folder = join(dir, 'suites');

  const list: SuiteFolder['list'] = async () => {
    const found: Awaited<ReturnType<SuiteFolder['list']>> = [];
    for (const contentHash of ((await readdir(folder).catch(absent)) ?? []).sort()) {
      if (!/^[0-9a-f]{64}$/.test(contentHash)) continue;
      const { name, version, hash } = await loadSuite(join(folder, contentHash));
      found.push({ name, version, hash, contentHash, dir: join(folder, contentHash) });
    }
    return found;
  };

  return {
    list,
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
      const matches = (await list()).filter(
        ({ name, hash, contentHash }) =>
          name === wanted ||
          (isHash && (hash.startsWith(wanted) || contentHash.startsWith(wanted))),
      );
      if (matches.length > 1) {
        const versions = matches.map(
          ({ version, contentHash }) => `${contentHash.slice(0, 12)} (version ${version})`,
        );
        throw new UserError(
          `\`suites\`: \`${wanted}\` stands for ${matches.length} suites of the store, ${versions.join(', ')}: name one by its hash, or give its folder`,
        );
      }
      return matches[0]?.dir ?? null;
    },
  };
}
