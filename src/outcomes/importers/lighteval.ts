import { basename } from 'node:path';
import { UserError } from '../../error/index.ts';
import type { Importer, ImportOptions } from '../importer.ts';
import { firstMembers, readStart } from '../log/file-start.ts';
import { identifyModel } from '../log/identify-model.ts';
import type { Table, TableOpener } from '../table.ts';
import { validRecords } from '../log/valid-records.ts';
import type { OutcomeRecord } from '../record.ts';
import {
  beginsLikeResults,
  detailsRecords,
  named,
  sortMetrics,
  isQuestion,
  isResultsTable,
} from './lighteval/details.ts';
import { detailsColumns } from './lighteval/details-row.ts';
import { findResults } from './lighteval/find-results.ts';
import { type LightevalRun, readRun, readRunTable } from './lighteval/run.ts';
import { taskRecords } from './lighteval/task-records.ts';

/** The settings of a run come first in its results, and are small. */
const startBytes = 256 * 1024;

/** lighteval: `results_<date>.json` with the tasks, `details_<task>_<date>.parquet` with the questions. */
export function createLightevalImporter(openTable: TableOpener): Importer {
  return {
    format: 'lighteval',
    detect: async (path) => ((await kindOf(path, openTable)) === null ? 0 : 1),
    async companions(path) {
      const found = (await kindOf(path, openTable)) === 'details' ? await findResults(path) : null;
      return found === null ? [] : [found];
    },
    passOver: (path) => passOver(path, openTable),
    read: (path, options) => validRecords(readLog(path, openTable, options), basename(path)),
  };
}

type Kind = 'results' | 'results table' | 'details';

async function kindOf(path: string, openTable: TableOpener): Promise<Kind | null> {
  const start = await readStart(path, startBytes);
  if (start === null) return null;
  if (start.subarray(0, 4).toString('latin1') === 'PAR1') {
    const table = await openTable(path);
    return table === null ? null : kindOfTable(table);
  }
  const [first] = await firstMembers(start);
  return first !== undefined && beginsLikeResults(first.key, first.value) ? 'results' : null;
}

async function kindOfTable(table: Table): Promise<Kind | null> {
  if (isResultsTable(table.columns)) return 'results table';
  const columns = detailsColumns(table.columns);
  if (columns === null || table.nested === undefined) return null;
  if (columns.doc === null) return 'details';
  return isQuestion(await table.nested.fields(columns.doc)) ? 'details' : null;
}

async function passOver(path: string, openTable: TableOpener): Promise<string | null> {
  if ((await kindOf(path, openTable)) !== 'details') return null;
  const table = await openTable(path);
  const columns = table === null ? null : detailsColumns(table.columns);
  if (table === null || columns === null) return null;
  const sorted = await sortMetrics({ path, table, columns }).catch((error: unknown) => {
    // What is damaged is refused when it is read.
    if (error instanceof UserError) return null;
    throw error;
  });
  if (sorted === null) return null;
  const { usable, others } = sorted;
  if (usable.length > 0 || others.length === 0) return null;
  return `${named(others)} says nothing of single questions; the results file has it of the task`;
}

async function* readLog(
  path: string,
  openTable: TableOpener,
  options: ImportOptions = {},
): AsyncGenerator<OutcomeRecord> {
  const kind = await kindOf(path, openTable);
  if (kind === 'results') {
    yield* runRecords(await readRun(path), options);
    return;
  }
  const table = kind === null ? null : await openTable(path);
  if (table === null) {
    throw new UserError(
      `\`${basename(path)}\`: expected results (JSON) or details (Parquet) of lighteval, it is neither (in ${path})`,
    );
  }
  if (kind === 'results table') {
    yield* runRecords(await readRunTable(table, path), options);
    return;
  }
  const columns = detailsColumns(table.columns);
  if (columns === null) return;
  const results = await findResults(path);
  const run = results === null ? null : await readRun(results);
  yield* detailsRecords({ path, table, columns, run }, options);
}

async function* runRecords(
  run: LightevalRun,
  options: ImportOptions,
): AsyncGenerator<OutcomeRecord> {
  const model =
    run.model ??
    (options.checkpoint === undefined ? null : { name: options.checkpoint, revision: null });
  if (model === null) {
    throw new UserError(
      `\`${run.name}\`: expected the model in \`config_general.model_name\`, found none: pass --checkpoint`,
    );
  }
  const checkpoint = await (options.identify ?? identifyModel)(model);
  yield* taskRecords(run, checkpoint, options);
}
