/** Data out: what the store holds, as files of other tools. */
import { UserError } from '../error/index.ts';
import { outcomeColumns } from '../outcomes/index.ts';
import type {
  OutcomeQuery,
  RecordParts,
  RecordQuery,
  Store,
  StoredOutcome,
  TableContent,
  TableFileFormat,
} from '../store/index.ts';
import { isOfSampling, type OutcomeChoice } from './outcome-choice.ts';
import { prepareOutput } from './output-file.ts';
import { type JobContext, startProgress } from './progress.ts';

export type ExportKind = 'outcomes' | 'predictions' | 'estimates' | 'answers' | 'log-answers';

export type ExportRequest = OutcomeChoice & {
  readonly kind: ExportKind;
  readonly format: TableFileFormat;
  /** The file to write: absolute. */
  readonly out: string;
  /** Null: all. */
  readonly suite: string | null;
  readonly tasks: readonly string[] | null;
  readonly checkpoints: readonly string[] | null;
};

export type ExportReport = {
  readonly kind: ExportKind;
  readonly format: TableFileFormat;
  readonly path: string;
  readonly rows: number;
};

/**
 * Writes the rows that count to a CSV, JSONL or Parquet file, which is replaced as a whole. Exported outcomes import
 * again as they are.
 *
 * @throws UserError where nothing is there to be written, or the file cannot be.
 */
export async function exportRecords(
  store: Store,
  request: ExportRequest,
  context: JobContext,
): Promise<ExportReport> {
  const { kind, format, out } = request;
  const output = await prepareOutput('--out', out);
  const report = startProgress(context.progress, {
    label: `export ${kind}`,
    unit: 'rows',
    total: null,
  });
  let rows = 0;
  const { columns, rows: batches } = contentOf(store, request);
  async function* counted(): TableContent['rows'] {
    for await (const batch of batches) {
      rows += batch.length;
      yield batch;
      report(rows);
      context.signal.throwIfAborted();
    }
    if (rows === 0) throw new UserError(`export: the store has no ${kind} that were asked for`);
  }
  await output.write(async (path) => {
    await store.writeTable({ columns, rows: counted() }, { path, format });
  });
  return { kind, format, path: out, rows };
}

function contentOf(store: Store, request: ExportRequest): TableContent {
  switch (request.kind) {
    case 'outcomes':
      return outcomeContent(store, request);
    case 'predictions':
      return partContent(store.predictions, request);
    case 'estimates':
      return partContent(store.estimates, request);
    case 'answers':
      return partContent(store.answers, request);
    case 'log-answers':
      return partContent(store.logAnswers, request);
  }
}

function queryOf({ suite, tasks, checkpoints }: ExportRequest): RecordQuery {
  return {
    ...(suite === null ? {} : { suite }),
    ...(tasks === null ? {} : { tasks }),
    ...(checkpoints === null ? {} : { checkpoints }),
  };
}

const sqlTypes = { text: 'VARCHAR', number: 'DOUBLE', whole: 'BIGINT' } as const;

function outcomeContent(store: Store, request: ExportRequest): TableContent {
  const query: OutcomeQuery = {
    ...queryOf(request),
    ...(request.source === null ? {} : { source: request.source }),
    ...(request.filter === null ? {} : { filter: request.filter }),
  };
  async function* rows(): TableContent['rows'] {
    for await (const batch of store.outcomes.stream(query)) {
      const chosen = batch.filter((record) => isOfSampling(record, request));
      yield chosen.map((record) => outcomeColumns.map(({ field }) => withSource(record)[field]));
    }
  }
  return {
    columns: outcomeColumns.map(({ column, type }) => ({ name: column, type: sqlTypes[type] })),
    rows: rows(),
  };
}

/** The file that a record came from is its source for who reads the export. */
function withSource(record: StoredOutcome): StoredOutcome {
  return { ...record, source: record.source ?? record.file };
}

function partContent<T>(parts: RecordParts<T>, request: ExportRequest): TableContent {
  async function* rows(): TableContent['rows'] {
    for await (const batch of parts.stream(queryOf(request)))
      yield batch.map((row) => parts.shape.toRow(row));
  }
  return { columns: parts.shape.columns, rows: rows() };
}
