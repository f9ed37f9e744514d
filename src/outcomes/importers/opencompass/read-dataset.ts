import { basename } from 'node:path';
import { UserError } from '../../../error/index.ts';
import type { ImportOptions } from '../../importer.ts';
import { makeRecord } from '../../log/blank-record.ts';
import { identifyModel } from '../../log/identify-model.ts';
import { logItemId } from '../../log/log-task.ts';
import type { OutcomeRecord } from '../../record.ts';
import { type Graded, gradeRows } from './grade-rows.ts';
import { taskOutcome } from './metrics.ts';
import { collectRows, type DatasetFiles } from './collect-rows.ts';
import { type Placed, readPredictions, readResults } from './read-files.ts';
import { createTeller } from './tell-answers.ts';

/** @throws UserError for files that are damaged, or hold nothing that an outcome can be made of. */
export async function* readDataset(
  files: DatasetFiles,
  options: ImportOptions,
): AsyncGenerator<OutcomeRecord> {
  const { model, dataset } = files.place;
  const isHeard = options.onQuestion !== undefined || options.onAnswer !== undefined;
  const collected = await collectRows(files, isHeard);
  const graded = gradeRows(collected, files.results !== null);
  const checkpoint = await (options.identify ?? identifyModel)({ name: model, revision: null });
  const base = { suite: options.suite ?? 'opencompass', task: dataset, ...checkpoint };
  const tasks = graded.tasks.map((metric) =>
    makeRecord({ ...base, ...taskOutcome(metric, graded.isShare) }),
  );
  if (graded.rows.length + tasks.length === 0) throw nothing(files);
  for (const notice of [...collected.notices, ...graded.notices]) options.onNotice?.(notice);
  if (graded.claim !== null) {
    const { filter, claim: accuracy } = graded;
    options.onClaim?.({ task: dataset, checkpoint: checkpoint.checkpoint, filter, accuracy });
  }
  const records = rowRecords(graded, base);
  if (isHeard && graded.rows.length > 0 && collected.texts !== null) {
    const entries =
      collected.texts === 'details' ? detailsOf(files.results) : readPredictions(files.predictions);
    const tell = createTeller({
      graded,
      options,
      task: dataset,
      checkpoint: checkpoint.checkpoint,
    });
    yield* interleave(records, { entries, tell, each: graded.replicas });
  } else yield* records;
  yield* tasks;
}

async function* detailsOf(results: string | null): AsyncGenerator<Placed> {
  if (results === null) return;
  let place = 0;
  for await (const part of readResults(results)) {
    if (part.type !== 'entry') continue;
    yield { place, entry: part.entry };
    place += 1;
  }
}

type Base = Pick<OutcomeRecord, 'suite' | 'task' | 'checkpoint'> & Partial<OutcomeRecord>;

function* rowRecords({ rows, filter, kind }: Graded, base: Base): Generator<OutcomeRecord> {
  for (const { id, row, sum, n } of rows) {
    yield makeRecord({
      ...base,
      item: logItemId(base.task, id),
      filter,
      kind,
      k: kind === 'count' ? sum : sum / n,
      n,
      promptSha256: row.promptSha256,
      render: row.render,
      documentHash: row.labels,
      targetHash: row.targetHash,
    });
  }
}

/** Records between what is told, so that whoever listens can write down what has come so far. */
async function* interleave(
  records: Generator<OutcomeRecord>,
  given: {
    entries: AsyncGenerator<Placed>;
    tell: (placed: Placed) => void;
    each: number;
  },
): AsyncGenerator<OutcomeRecord> {
  let told = 0;
  for await (const placed of given.entries) {
    given.tell(placed);
    told += 1;
    if (told % given.each !== 0) continue;
    const next = records.next();
    if (next.done !== true) yield next.value;
  }
  yield* records;
}

function nothing({ path }: DatasetFiles): UserError {
  return new UserError(
    `\`${basename(path)}\`: expected grades or results, it holds neither (in ${path})`,
  );
}
