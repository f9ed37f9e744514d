/** Outcomes as documents of Every Eval Ever: one of results and one of samples for each suite and checkpoint. */
import { createHash } from 'node:crypto';
import { stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UserError } from '../error/index.ts';
import {
  type EvaluationGiven,
  type OutcomeRecord,
  type TaskResult,
  toAggregateDocument,
  toInstanceRow,
} from '../outcomes/index.ts';
import { atomicWrite, encodeId, type Store, type StoredOutcome } from '../store/index.ts';
import type { Suite } from '../suite/index.ts';
import type { ExportRequest } from './export.ts';
import { groupBy } from './group-by.ts';
import { keptSuite } from './measured-suite.ts';
import { isOfSampling } from './outcome-choice.ts';
import type { JobContext } from './progress.ts';
import { type MeasuredRow, status } from './status.ts';
import { sondeVersion } from './version.ts';

export type DocumentsReport = {
  readonly kind: 'outcomes';
  readonly format: 'every-eval-ever';
  /** The folder that the documents are in. */
  readonly path: string;
  readonly rows: number;
  readonly files: readonly string[];
};

export type DocumentsRequest = Omit<ExportRequest, 'kind' | 'format'>;

/**
 * Writes `<suite>-<checkpoint>.json` with the results and `…_samples.jsonl` with the questions' outcomes into a folder.
 * Answers are left out: `export answers` has them; and so are questions that have only a loss, which is said.
 *
 * @throws UserError where nothing was measured, or the folder is a file.
 */
export async function exportDocuments(
  store: Store,
  request: DocumentsRequest,
  context: JobContext,
): Promise<DocumentsReport> {
  const found = await stat(request.out).catch(() => null);
  if (found !== null && !found.isDirectory()) {
    throw new UserError(`--out: expected a folder for the documents, ${request.out} is a file`);
  }
  const { tasks } = await status(store, request, context);
  const measured = tasks.filter(
    ({ checkpoint }) => request.checkpoints?.includes(checkpoint) ?? true,
  );
  if (measured.length === 0) {
    throw new UserError('export: the store has no outcomes that were asked for');
  }
  const retrieved = Math.floor(Date.now() / 1000);
  const [files, counts]: [string[], number[]] = [[], []];
  let left = 0;
  for (const [name, rows] of groupBy(measured, ({ suite }) => suite)) {
    const { questions } = await keptSuite(store, name, context);
    for (const [checkpoint, results] of groupBy(rows, (row) => row.checkpoint)) {
      const outcomes = await readOutcomes(store, { suite: name, checkpoint }, request);
      const given = evaluationOf({ suite: name, checkpoint, retrieved }, outcomes);
      const written = await writeDocuments(request.out, { given, results, outcomes, questions });
      files.push(...written.files);
      counts.push(written.rows);
      left += written.left;
      context.signal.throwIfAborted();
    }
  }
  if (left > 0) {
    context.note(
      `${left} outcomes of questions have a loss and no score: the schema has no place for them, they are left out (--format jsonl keeps them)`,
    );
  }
  const rows = counts.reduce((sum, count) => sum + count, 0);
  return { kind: 'outcomes', format: 'every-eval-ever', path: request.out, rows, files };
}

async function readOutcomes(
  store: Store,
  { suite, checkpoint }: { suite: string; checkpoint: string },
  request: DocumentsRequest,
): Promise<StoredOutcome[]> {
  const records = await store.outcomes.list({
    suite,
    checkpoints: [checkpoint],
    ...(request.tasks === null ? {} : { tasks: request.tasks }),
    ...(request.source === null ? {} : { source: request.source }),
    ...(request.filter === null ? {} : { filter: request.filter }),
  });
  return records.filter((record) => isOfSampling(record, request));
}

function evaluationOf(
  { suite, checkpoint, retrieved }: { suite: string; checkpoint: string; retrieved: number },
  outcomes: readonly StoredOutcome[],
): EvaluationGiven {
  const facts: Partial<OutcomeRecord> = {};
  for (const { run, family, stage, step, tokens, params, paramsNonEmbedding, flops } of outcomes) {
    const said = { run, family, stage, step, tokens, params, paramsNonEmbedding, flops };
    Object.assign(
      facts,
      Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null)),
    );
  }
  return {
    ...{ suite, retrieved, version: sondeVersion, organization: 'unknown' },
    model: { ...facts, checkpoint },
  };
}

type Documents = {
  readonly given: EvaluationGiven;
  readonly results: readonly MeasuredRow[];
  readonly outcomes: readonly StoredOutcome[];
  readonly questions: Suite | null;
};

async function writeDocuments(
  out: string,
  { given, results, outcomes, questions }: Documents,
): Promise<{ files: string[]; rows: number; left: number }> {
  const name = encodeId(`${given.suite}-${given.model.checkpoint}`);
  const items = new Map(questions?.items.map((item) => [item.id, item]));
  const named = outcomes.map((record) => ({ ...record, source: record.source ?? record.file }));
  const [wholeTasks, ofItems] = [
    named.filter(({ item }) => item === null),
    named.filter(({ item }) => item !== null),
  ];
  const lines = ofItems.flatMap((record) => {
    const { item, k, n } = record;
    if (item === null || k === null || n === null) return [];
    const texts = { question: items.get(item) ?? null, answers: [] };
    return [`${JSON.stringify(toInstanceRow(given, { ...record, item, k, n }, texts))}\n`];
  });
  const text = lines.join('');
  const path = join(out, `${name}_samples.jsonl`);
  const samples = {
    path: basename(path),
    sha256: createHash('sha256').update(text).digest('hex'),
    rows: lines.length,
  };
  if (lines.length > 0) await atomicWrite(path, (temporary) => writeFile(temporary, text));
  const document = toAggregateDocument(given, {
    tasks: results.flatMap(toResult),
    wholeTasks,
    samples: lines.length === 0 ? null : samples,
  });
  const main = join(out, `${name}.json`);
  await atomicWrite(main, (temporary) =>
    writeFile(temporary, `${JSON.stringify(document, null, 2)}\n`),
  );
  return {
    files: lines.length === 0 ? [main] : [main, path],
    rows: lines.length + wholeTasks.length,
    left: ofItems.length - lines.length,
  };
}

function toResult(row: MeasuredRow): TaskResult[] {
  const { task, filter, items, samples, accuracy, standardError } = row;
  const { temperature, topP, fewShot, chatTemplate } = row;
  // Results of whole tasks are written as their records are.
  if (accuracy === null || items === 0) return [];
  const kind = row.kind === 'score' ? 'score' : 'count';
  const how = { temperature, topP, fewShot, chatTemplate };
  return [{ task, filter, kind, items, samples, accuracy, standardError, ...how }];
}
