import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { loadConfig } from '../../config/index.ts';
import { UserError } from '../../error/index.ts';
import { createImporters, damageOf, type Importer } from '../../outcomes/index.ts';
import type { Store } from '../../store/index.ts';
import { jobContext, type JobContext } from '../progress.ts';
import { type FileImport, importFile } from './import-file.ts';
import { keepRefused } from './keep-refused.ts';
import { LogSuites } from './log-questions.ts';
import { createCheckpointNaming } from './name-checkpoint.ts';
import { walkFiles } from './walk-files.ts';

export type ImportRecordsOptions = {
  /** The importer's name; without it the format is found by content. */
  format?: string;
  /** The checkpoint of records that name none, and of a log whose model tells no step. */
  checkpoint?: string;
  /** The suite of records that name none; of harness logs. */
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

type Settled = { file: ImportedFile; notices: readonly string[] };

const nothing = { checkpoints: 0, tasks: 0, items: 0, samples: 0 };

/**
 * Imports files of results (outcome records, or harness logs), or every file below a folder, into a store. Of a refused
 * file nothing is stored. In a folder each file is accounted for: imported, skipped or refused, with the reason. The
 * questions that harness logs hold become a suite of the store, their answers are kept.
 *
 * @throws UserError where the path is missing, or is a file that is refused.
 */
export async function importRecords(
  store: Store,
  path: string | readonly string[],
  options: ImportRecordsOptions = {},
  context: JobContext = jobContext(),
): Promise<ImportReport> {
  const config = await loadConfig(context.resolve('.'), { store: store.dir });
  const naming = { config, context, given: options.checkpoint ?? null };
  const work: Omit<ImportWork, 'isFolder'> = {
    importers: chooseImporters(createImporters(store.openTable), options.format),
    format: options.format ?? null,
    onFile: (file, notices) => options.onFile?.(file, notices),
    file: {
      store,
      suites: new LogSuites(store),
      naming: createCheckpointNaming(naming),
      logs: config.logsText,
      options,
      context,
    },
  };
  const files: ImportedFile[] = [];
  for (const one of typeof path === 'string' ? [path] : path) {
    files.push(...(await importPath(work, one)));
    context.signal.throwIfAborted();
  }
  return { files };
}

async function importPath(
  work: Omit<ImportWork, 'isFolder'>,
  path: string,
): Promise<ImportedFile[]> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new UserError(`\`import\`: cannot read ${path}: ${String(cause)}`, { cause });
  });
  if (!found.isDirectory()) {
    if (!found.isFile())
      throw new UserError(`\`import\`: expected a file or a folder, ${path} is neither`);
    const settled = await settle({ ...work, isFolder: false }, resolve(path));
    if (settled.file.status === 'skipped' && settled.file.format === null)
      throw ofNoFormat(work, path);
    if (settled.file.status === 'refused') throw refusal(path, settled.file.reason ?? 'refused');
    work.onFile(settled.file, settled.notices);
    return [settled.file];
  }
  const { store, context } = work.file;
  const files: ImportedFile[] = [];
  for (const { path: member, skip } of await walkFiles(path, [store.dir])) {
    const settled =
      skip === null
        ? await settle({ ...work, isFolder: true }, member)
        : skipped(member, null, skip);
    work.onFile(settled.file, settled.notices);
    files.push(settled.file);
    context.signal.throwIfAborted();
  }
  return files;
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

type ImportWork = {
  readonly importers: readonly Importer[];
  /** As asked for. */
  readonly format: string | null;
  readonly onFile: (file: ImportedFile, notices: readonly string[]) => void;
  /** In a folder a file that is not ours is skipped instead of refused. */
  readonly isFolder: boolean;
  readonly file: FileImport;
};

async function settle(work: ImportWork, path: string): Promise<Settled> {
  const settled = await tryFile(work, path);
  const { format, status, reason } = settled.file;
  const refused = status === 'refused' ? reason : null;
  await keepRefused(work.file.store, { path, format, refused });
  return settled;
}

async function tryFile(work: ImportWork, path: string): Promise<Settled> {
  let format: string | null = null;
  try {
    const importer = await detect(work, path);
    if (importer === null) return skipped(path, null, 'no format that Sonde reads');
    format = importer.format;
    const result = await importFile(work.file, importer, path);
    if ('skip' in result) return skipped(path, format, result.skip, result.notices);
    const { checkpoints, tasks, items, samples } = result.report;
    const counts = { checkpoints, tasks, items, samples };
    return {
      file: { path, format, status: 'imported', reason: null, ...counts },
      notices: result.notices,
    };
  } catch (error) {
    const reason = whyRefused(error, path);
    if (reason === null) throw error;
    return { file: { path, format, status: 'refused', reason, ...nothing }, notices: [] };
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

/**
 * The surest importer; of a named file the only one asked for, or whichever says best what is missing.
 *
 * @returns null for a file of no known format.
 * @throws UserError for a log that is damaged so that none knows it.
 */
async function detect(
  { importers, format, isFolder }: ImportWork,
  path: string,
): Promise<Importer | null> {
  let best: { importer: Importer; score: number } | null = null;
  for (const importer of importers) {
    const score = await importer.detect(path);
    if (best === null || score > best.score) best = { importer, score };
    if (score === 1) break;
  }
  if (best !== null && best.score > 0) return best.importer;
  if (!isFolder && format !== null) return best?.importer ?? null;
  const damage = await damageOf(path);
  if (damage !== null) throw new UserError(`${damage} (in ${path})`);
  return null;
}

function ofNoFormat({ importers }: Pick<ImportWork, 'importers'>, path: string): UserError {
  return new UserError(
    `\`import\`: ${path} is no format that Sonde reads: expected a harness log (${harnesses(importers)}), or outcome records as CSV, JSONL or Parquet, with the columns suite, task, item, checkpoint, k, n`,
  );
}

function harnesses(importers: readonly Importer[]): string {
  const records = ['csv', 'jsonl', 'parquet'];
  return importers
    .map(({ format }) => format)
    .filter((format) => !records.includes(format))
    .join(', ');
}

function skipped(
  path: string,
  format: string | null,
  reason: string,
  notices: readonly string[] = [],
): Settled {
  return { file: { path, format, status: 'skipped', reason, ...nothing }, notices };
}
