import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../../error/index.ts';
import {
  createFactsCheck,
  type Importer,
  type ImportOptions,
  type LogFilter,
  type OutcomeRecord,
} from '../../outcomes/index.ts';
import type { LogAnswerRecord, RecordDraft, Store, WriteReport } from '../../store/index.ts';
import { type JobContext, startProgress } from '../progress.ts';
import { createClaimCheck } from './check-claims.ts';
import type { LogSuites, QuestionDraft } from './log-questions.ts';
import type { createCheckpointNaming } from './name-checkpoint.ts';

export type FileImport = {
  readonly store: Store;
  readonly suites: LogSuites;
  readonly naming: ReturnType<typeof createCheckpointNaming>;
  /** What sonde.yaml says of logs, as a text. */
  readonly logs: string;
  readonly options: {
    readonly checkpoint?: string;
    readonly suite?: string;
    readonly replace?: boolean;
  };
  readonly context: JobContext;
};

/** What became of a file: its records are in the store, or it was passed over. */
export type FileResult =
  | { readonly report: WriteReport; readonly notices: readonly string[] }
  | { readonly skip: string; readonly notices: readonly string[] };

/**
 * Imports one file. Answers and questions are written first and named before the records: without these nobody sees them,
 * and after a kill the same import writes the same again.
 *
 * @throws UserError for what is wrong with the file; then nothing of it is stored.
 */
export async function importFile(
  work: FileImport,
  importer: Importer,
  path: string,
): Promise<FileResult> {
  const { store, options } = work;
  const passedOver = (await importer.passOver?.(path)) ?? null;
  if (passedOver !== null) return { skip: passedOver, notices: [] };
  const files = [path, ...((await importer.companions?.(path)) ?? [])];
  const before = await Promise.all(files.map(modifiedAt));
  const read = await identifyFiles(files, importer.format, work);
  const replace = options.replace ?? false;
  if (!replace && (await store.outcomes.has(read))) {
    return { skip: 'imported before', notices: [] };
  }
  const name = basename(path);
  await using answers = store.logAnswers.draft();
  await using questions = await work.suites.draft(options.suite ?? importer.format);
  const reading = startReading(work, { importer, path, answers, questions });
  const unchanged = async (): Promise<void> => {
    const after = await Promise.all(files.map(modifiedAt));
    const changed = files.find((_, index) => before[index] !== after[index]);
    if (changed === undefined) return;
    throw new UserError(
      `\`${basename(changed)}\`: was changed while it was read: import it again once it is finished (${changed})`,
    );
  };
  async function* records(): AsyncGenerator<OutcomeRecord> {
    yield* reading.records();
    await unchanged();
    await answers.commit();
    reading.notices.push(...(await questions.commit()));
  }
  const { areStated, withdrawn } = reading;
  const origin = { ...read, name, replace, areStated, withdrawn: () => withdrawn };
  const table = (await importer.table?.(path, reading.options)) ?? null;
  const whole = table === null ? null : await store.outcomes.writeTable(table, origin, unchanged);
  const report = whole ?? (await store.outcomes.write(records(), origin));
  reading.notices.push(...reading.disagreements());
  if (report.part === null) {
    // What was read is not what counts.
    const notices = report.restated === null ? reading.notices : [];
    return { skip: whyNothing(report), notices };
  }
  return { report, notices: [...reading.notices, ...writeNotices(report)] };
}

type Reading = {
  records(): AsyncGenerator<OutcomeRecord>;
  disagreements(): string[];
  /** Whether a person said which checkpoints the records are about. */
  areStated: () => boolean;
  readonly withdrawn: readonly LogFilter[];
  readonly notices: string[];
  readonly options: ImportOptions;
};

/** After so many records what was collected is settled, and the person hears of the progress. */
const settleEvery = 1000;

function startReading(
  { naming, options, context }: FileImport,
  {
    importer,
    path,
    answers,
    questions,
  }: {
    importer: Importer;
    path: string;
    answers: RecordDraft<LogAnswerRecord>;
    questions: QuestionDraft;
  },
): Reading {
  const notices: string[] = [];
  const notice = (text: string): void => {
    if (!notices.includes(text)) notices.push(text);
  };
  const withdrawn: LogFilter[] = [];
  let isStated = false;
  const onStated = (): void => {
    isStated = true;
  };
  const claims = createClaimCheck();
  const name = basename(path);
  const suite = options.suite ?? importer.format;
  const importOptions: ImportOptions = {
    ...(options.suite === undefined ? {} : { suite: options.suite }),
    ...(options.checkpoint === undefined ? {} : { checkpoint: options.checkpoint }),
    identify: naming(path, { onNotice: notice, onStated }),
    onNotice: notice,
    onWithdraw: (filter) => withdrawn.push(filter),
    onClaim: (claim) => claims.claim(claim),
    onQuestion: (question) => questions.add(question),
    onAnswer: (answer) => answers.add({ ...answer, suite, source: name }),
  };
  async function* records(): AsyncGenerator<OutcomeRecord> {
    const checkFacts = createFactsCheck();
    const report = startProgress(context.progress, {
      label: `import ${name}`,
      unit: 'records',
      total: null,
    });
    let row = 0;
    for await (const record of importer.read(path, importOptions)) {
      row += 1;
      checkFacts(record, row);
      claims.add(record);
      yield record;
      if (row % settleEvery !== 0) continue;
      await answers.settle();
      await questions.settle();
      report(row);
      context.signal.throwIfAborted();
    }
    if (row === 0) {
      throw new UserError(`\`${name}\`: expected at least one record, it has none (in ${path})`);
    }
  }
  return {
    records,
    disagreements: () => claims.disagreements(),
    areStated: () => isStated,
    withdrawn,
    notices,
    options: importOptions,
  };
}

async function modifiedAt(path: string): Promise<number> {
  return (await stat(path)).mtimeMs;
}

/** Formats that say everything in the file: the same content under another name is the same. */
const recordFormats = new Set(['csv', 'jsonl', 'parquet']);

/**
 * Two texts: SHA-256 of the files, and beside it what else changes what is read from them (options, `logs` of sonde.yaml).
 * For logs the place counts as well, since harnesses name tasks and models by files and folders; and who they are about is
 * not always told by them, so that the same files may be read again, otherwise.
 */
async function identifyFiles(
  files: readonly string[],
  format: string,
  { options: { suite, checkpoint }, logs }: Pick<FileImport, 'options' | 'logs'>,
): Promise<{ identity: string; files: string | null }> {
  const hashes: string[] = [];
  for (const file of files) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), hash);
    hashes.push(hash.digest('hex'));
  }
  const content = [...hashes, format, suite ?? null];
  const given = checkpoint ?? null;
  if (recordFormats.has(format))
    return { identity: JSON.stringify([...content, given]), files: null };
  const [path = ''] = files;
  const placed = [...content, path.split('/').slice(-4).join('/')];
  return {
    identity: JSON.stringify([...placed, given, logs]),
    files: JSON.stringify(placed),
  };
}

function whyNothing({ restated, unchanged }: WriteReport): string {
  if (restated === null && unchanged === 0) return 'none of its scores lies in 0…1 throughout';
  if (restated === null) return 'every record is in the store already';
  return `imported before, about ${checkpointsText(restated.checkpoints)}: name its checkpoint under \`logs\` in sonde.yaml, or with --checkpoint, to change that`;
}

function writeNotices({ unchanged, superseded, restated }: WriteReport): string[] {
  const notices: string[] = [];
  if (unchanged > 0) notices.push(`${unchanged} records were in the store already`);
  if (superseded > 0) notices.push(`${superseded} older records are superseded; they stay on disk`);
  if (restated !== null) {
    notices.push(
      `${restated.records} records of the same file, imported before about ${checkpointsText(restated.checkpoints)}, are superseded: the file is stated to be about another checkpoint; they stay on disk`,
    );
  }
  return notices;
}

function checkpointsText([first = '', ...others]: readonly string[]): string {
  return others.length === 0 ? `\`${first}\`` : `\`${first}\` and ${others.length} more`;
}
