import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../error/index.ts';
import {
  createFactsCheck,
  createNativeImporters,
  type Importer,
  type OutcomeRecord,
} from '../outcomes/index.ts';
import type { Store, WriteReport } from '../store/index.ts';
import { walkFiles } from './walk-files.ts';

export type ImportRecordsOptions = {
  /** The importer's name; without it the format is found by content. */
  format?: string;
  /** The checkpoint of records that name none. */
  checkpoint?: string;
  /** The suite of records that name none. */
  suite?: string;
  /** Records that contradict stored ones take their place. @default false */
  replace?: boolean;
  /** Hears of each file once it is settled, with what the user should know of it. */
  onFile?: (file: ImportedFile, notices: readonly string[]) => void;
};

export type ImportedFile = {
  path: string;
  format: string | null;
  status: 'imported' | 'skipped' | 'refused';
  reason: string | null;
  checkpoints: number;
  tasks: number;
  items: number;
  samples: number;
};

export type ImportReport = { files: ImportedFile[] };

type Settled = { file: ImportedFile; notices: string[] };

const nothing = { checkpoints: 0, tasks: 0, items: 0, samples: 0 };

/**
 * Imports a file of results, or every file below a folder, into a store. Of a refused file nothing is stored. In a
 * folder each file is accounted for: imported, skipped or refused, with the reason.
 *
 * @throws UserError where the path is missing, or is a file that is refused.
 */
export async function importRecords(
  store: Store,
  path: string,
  options: ImportRecordsOptions = {},
): Promise<ImportReport> {
  const importers = chooseImporters(createNativeImporters(store.openTable), options.format);
  const found = await stat(path).catch((cause: unknown) => {
    throw new UserError(`\`import\`: cannot read ${path}: ${String(cause)}`, { cause });
  });
  if (!found.isDirectory()) {
    if (!found.isFile())
      throw new UserError(`\`import\`: expected a file or a folder, ${path} is neither`);
    const settled = await importFile({ store, importers, options }, resolve(path));
    if (settled.file.status === 'refused') throw refusal(path, settled.file.reason ?? 'refused');
    options.onFile?.(settled.file, settled.notices);
    return { files: [settled.file] };
  }
  const files: ImportedFile[] = [];
  for (const { path: member, skip } of await walkFiles(path, [store.dir])) {
    const settled =
      skip === null
        ? await importFile({ store, importers, options, folder: true }, member)
        : skipped(member, null, skip);
    options.onFile?.(settled.file, settled.notices);
    files.push(settled.file);
  }
  return { files };
}

function chooseImporters(
  importers: readonly Importer[],
  format: string | undefined,
): readonly Importer[] {
  if (format === undefined) return importers;
  const chosen = importers.filter((importer) => importer.format === format);
  if (chosen.length > 0) return chosen;
  const known = importers.map((importer) => importer.format).join(', ');
  throw new UserError(`\`import\`: expected \`--format\` to be one of ${known}, got ${format}`);
}

type Job = {
  store: Store;
  importers: readonly Importer[];
  options: ImportRecordsOptions;
  /** The file was found in a folder: one that is not ours is skipped instead of refused. */
  folder?: boolean;
};

async function importFile(job: Job, path: string): Promise<Settled> {
  let format: string | null = null;
  try {
    const importer = await detect(job, path);
    if (importer === null) return skipped(path, null, 'no format that Sonde reads');
    format = importer.format;
    return await importWith(job, importer, path);
  } catch (error) {
    const reason = whyRefused(error, path);
    if (reason === null) throw error;
    return {
      file: { path, format, status: 'refused', reason, ...nothing },
      notices: [],
    };
  }
}

/** The file is named where the reason does not name it itself. */
function refusal(path: string, reason: string): UserError {
  return new UserError(reason.includes(basename(path)) ? reason : `\`import\`: ${path}: ${reason}`);
}

/** The user's words for what is the file's fault; null for a fault of ours, or of the store's folder. */
function whyRefused(error: unknown, path: string): string | null {
  if (error instanceof UserError) return error.message;
  const unreadable = error instanceof Error && 'path' in error && error.path === path;
  return unreadable ? `\`import\`: ${path}: ${error.message}` : null;
}

/** The surest importer; of a named file the only one asked for, or whichever says best what is missing. */
async function detect({ importers, options, folder }: Job, path: string): Promise<Importer | null> {
  const scores = await Promise.all(
    importers.map(async (importer) => ({ importer, score: await importer.detect(path) })),
  );
  const [best] = scores.sort((a, b) => b.score - a.score);
  if (best !== undefined && best.score > 0) return best.importer;
  if (folder === true) return null;
  if (options.format !== undefined) return best?.importer ?? null;
  throw new UserError(
    `\`import\`: ${path} is no format that Sonde reads: expected outcome records as CSV, JSONL or Parquet, with the columns suite, task, item, checkpoint, k, n`,
  );
}

async function importWith(
  { store, options }: Job,
  importer: Importer,
  path: string,
): Promise<Settled> {
  const notices: string[] = [];
  const before = await stat(path);
  const identity = await contentIdentity(path, importer.format, options);
  const replace = options.replace ?? false;
  if (!replace && (await store.outcomes.has(identity))) {
    return skipped(path, importer.format, 'imported before');
  }
  const records = importer.read(path, {
    ...(options.suite === undefined ? {} : { suite: options.suite }),
    ...(options.checkpoint === undefined ? {} : { checkpoint: options.checkpoint }),
    onNotice: (notice) => notices.push(notice),
  });
  const origin = { identity, name: basename(path), replace };
  const report = await store.outcomes.write(checked(records, path, before.mtimeMs), origin);
  return settle(path, importer.format, report, notices);
}

/** Says the same of a checkpoint throughout, holds at least one record, and is the file whose content was hashed. */
async function* checked(
  records: AsyncIterable<OutcomeRecord>,
  path: string,
  modifiedMs: number,
): AsyncGenerator<OutcomeRecord> {
  const name = basename(path);
  const checkFacts = createFactsCheck();
  let row = 0;
  for await (const record of records) {
    row += 1;
    checkFacts(record, row);
    yield record;
  }
  if (row === 0)
    throw new UserError(`\`${name}\`: expected at least one record, it has none (in ${path})`);
  if ((await stat(path)).mtimeMs !== modifiedMs) {
    throw new UserError(
      `\`${name}\`: was changed while it was read: import it again once it is finished (${path})`,
    );
  }
}

/** SHA-256 of the file and of the options that change what is read from it. */
async function contentIdentity(
  path: string,
  format: string,
  { suite, checkpoint }: ImportRecordsOptions,
): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return JSON.stringify([hash.digest('hex'), format, suite ?? null, checkpoint ?? null]);
}

function settle(path: string, format: string, report: WriteReport, notices: string[]): Settled {
  if (report.part === null)
    return skipped(path, format, 'every record is in the store already', notices);
  const { checkpoints, tasks, items, samples } = report;
  return {
    file: { path, format, status: 'imported', reason: null, checkpoints, tasks, items, samples },
    notices: [...notices, ...writeNotices(report)],
  };
}

function writeNotices({ unchanged, superseded }: WriteReport): string[] {
  const notices: string[] = [];
  if (unchanged > 0) notices.push(`${unchanged} records were in the store already`);
  if (superseded > 0) notices.push(`${superseded} older records are superseded; they stay on disk`);
  return notices;
}

function skipped(
  path: string,
  format: string | null,
  reason: string,
  notices: string[] = [],
): Settled {
  return { file: { path, format, status: 'skipped', reason, ...nothing }, notices };
}
