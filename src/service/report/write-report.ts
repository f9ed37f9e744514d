/** The dashboard as static files that open from a disk: pages as they were built, and answers as classic scripts. */
import { access, cp, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../error/index.ts';
import { type JobContext, sondeVersion, startProgress } from '../../jobs/index.ts';
import type { Store } from '../../store/index.ts';
import { createAnswers } from '../answers.ts';
import { builtPages } from '../page-files.ts';
import { askedAnswers, type QuestionCount } from './asked-answers.ts';

export type ReportOptions = {
  /** A new folder, or one that holds an earlier report, which is replaced. */
  readonly out: string;
  /** Questions with their answers at most; the others show their rates alone. */
  readonly questions: number;
};

export type WrittenReport = {
  readonly out: string;
  /** To be opened. */
  readonly page: string;
  readonly answers: number;
  /** Of all data files. */
  readonly bytes: number;
  readonly questions: Readonly<QuestionCount>;
};

/**
 * Writes into a folder beside `out` that takes its name in the end: a report that was cut off is none.
 *
 * @throws UserError where `out` holds something else or cannot be written.
 */
export async function writeReport(
  store: Store,
  { out, questions: most }: ReportOptions,
  context: JobContext,
): Promise<WrittenReport> {
  await checkFolder(out);
  const draft = join(dirname(out), `.${basename(out)}~${process.pid}`);
  try {
    await mkdir(join(draft, 'data'), { recursive: true });
    await copyPages(draft);
    const written = await writeAnswers(store, { draft, most }, context);
    await rm(out, { recursive: true, force: true });
    await rename(draft, out);
    return { out, page: join(out, 'index.html'), ...written };
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
    if (cause instanceof Error && 'code' in cause && 'syscall' in cause) {
      throw new UserError(`--out: cannot write ${out}: ${cause.message}`, { cause });
    }
    throw cause;
  }
}

async function checkFolder(out: string): Promise<void> {
  const found = await readdir(out).catch((cause: unknown) => {
    if (!(cause instanceof Error)) throw cause;
    if ('code' in cause && cause.code === 'ENOENT') return [];
    throw new UserError(`--out: expected a folder, got ${out}: ${cause.message}`, { cause });
  });
  const [first] = found;
  if (first === undefined) return;
  const isReport = await access(join(out, 'data', 'index.js')).then(
    () => true,
    () => false,
  );
  if (isReport) return;
  throw new UserError(
    `--out: ${out} holds something else than a report, such as ${first}: name a new folder`,
  );
}

async function copyPages(draft: string): Promise<void> {
  await cp(builtPages, draft, { recursive: true });
  await rename(join(draft, 'static.html'), join(draft, 'index.html'));
}

async function writeAnswers(
  store: Store,
  { draft, most }: { readonly draft: string; readonly most: number },
  context: JobContext,
): Promise<Pick<WrittenReport, 'answers' | 'bytes' | 'questions'>> {
  const questions: QuestionCount = { written: 0, of: 0 };
  const files: Record<string, string> = {};
  let bytes = 0;
  let count = 0;
  const write = async (name: string, script: string): Promise<void> => {
    bytes += Buffer.byteLength(script);
    await writeFile(join(draft, 'data', name), script);
  };
  const about = { label: 'report', unit: 'answers', total: null };
  const report = startProgress(context.progress, about);
  for await (const { key, json } of askedAnswers(createAnswers(store, context), most, questions)) {
    context.signal.throwIfAborted();
    count += 1;
    const name = `${String(count).padStart(4, '0')}.js`;
    files[key] = name;
    // As a text: an object in a script takes the key `__proto__` for something else than JSON does.
    await write(name, `sondeAnswer(${JSON.stringify(key)}, ${JSON.stringify(json)});\n`);
    report(count);
  }
  const index = {
    ...{ schemaVersion: 1, sonde: sondeVersion },
    createdAt: new Date().toISOString(),
    answers: files,
  };
  await write('index.js', `sondeStatic(${JSON.stringify(JSON.stringify(index))});\n`);
  return { answers: count, bytes, questions };
}
