import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { TableOpener } from '../outcomes/index.ts';
import { type ActivationFolder, createActivationFolder } from './activation-folder.ts';
import { type AlertFolder, createAlertFolder } from './alert-folder.ts';
import { UserError } from '../error/index.ts';
import { absent } from './atomic.ts';
import { type CheckedFolder, createCheckedFolder } from './checked-folder.ts';
import { type Database, openDatabase } from './connection.ts';
import { type EstimateRecord, estimateShape } from './estimate-shape.ts';
import { changedAt, createContentsReader, type StoreContents } from './contents.ts';
import { createFrozenFolder, type FrozenFolder } from './frozen-folder.ts';
import { type JobRecord, jobRecordSchema } from './job-record.ts';
import { createJsonFolder, type JsonFolder } from './json-folder.ts';
import { type LogAnswerRecord, logAnswerShape } from './log-answer-shape.ts';
import { createOutcomeStore, type OutcomeStore } from './outcome-store.ts';
import { createPredictedOutcomes, type PredictedOutcomes } from './predicted-outcomes.ts';
import { createRecordParts, type RecordParts } from './record-parts.ts';
import {
  type AnswerRecord,
  answerShape,
  type PredictionRecord,
  predictionShape,
} from './record-shapes.ts';
import { type RefusedImport, refusedImportSchema } from './refused-import.ts';
import { readStoreIdentity } from './store-identity.ts';
import { createSuiteFolder, type SuiteFolder } from './suite-folder.ts';
import { type TableContent, type TableFileFormat, writeTableFile } from './table-file.ts';
import { createTableOpener } from './tables.ts';
import { type TransferMatrix, transferMatrixSchema } from '../wire/index.ts';
import { createVersionedFolders, type VersionedFolders } from './versioned-folder.ts';

/**
 * A project's results: a folder of immutable files, open to any other tool. Many processes may write at once; nothing is
 * seen before it is whole.
 */
export interface Store {
  /** Absolute. */
  readonly dir: string;
  /** Names it wherever it is mounted; drawn at the first call, a UUID. */
  identity(): Promise<string>;
  readonly outcomes: OutcomeStore;
  readonly answers: RecordParts<AnswerRecord>;
  /** Answers out of harness logs, as the harness graded them. */
  readonly logAnswers: RecordParts<LogAnswerRecord>;
  readonly predictions: RecordParts<PredictionRecord>;
  readonly predictedOutcomes: PredictedOutcomes;
  readonly estimates: RecordParts<EstimateRecord>;
  readonly checkpoints: JsonFolder;
  readonly suites: SuiteFolder;
  readonly probes: VersionedFolders;
  readonly activations: ActivationFolder;
  /** The states of single tokens, in files of their own. */
  readonly tokenStates: ActivationFolder;
  /** How far probes carry, one matrix a question. */
  readonly transfers: CheckedFolder<TransferMatrix>;
  /** Forecasts as they were made. */
  readonly forecasts: FrozenFolder;
  /** How frozen forecasts compare with the truth, by the forecast's id. */
  readonly forecastScores: JsonFolder;
  /** Which questions of a checkpoint were chosen to be labelled, and with which probabilities. */
  readonly designs: FrozenFolder;
  /** How long sampling took, one document a call that sampled. */
  readonly samplingTimes: FrozenFolder;
  /** Steps of the work on checkpoints, what came out included. */
  readonly jobs: CheckedFolder<JobRecord>;
  /** Files that an import refused, until they are imported. */
  readonly refusedImports: CheckedFolder<RefusedImport>;
  /** What needs a person. */
  readonly alerts: AlertFolder;
  /** What it holds now, by name: cheap, to tell whether anything is new. */
  contents(): Promise<StoreContents>;
  /** When a part about this run alone was last written; null where there is none. */
  changedAt(run: string): Promise<Date | null>;
  /** Writes a table to a file of somebody's own. Returns the number of rows. */
  writeTable(
    content: TableContent,
    file: { readonly path: string; readonly format: TableFileFormat },
  ): Promise<number>;
  /** Opens somebody's CSV, JSONL or Parquet file; null where it is none of them. */
  readonly openTable: TableOpener;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens the store in a folder. An absent folder is an empty store: it is made by the first write.
 *
 * @throws UserError where the path is a file.
 */
export async function openStore(dir: string): Promise<Store> {
  const folder = resolve(dir);
  const found = await stat(folder).catch(absent);
  if (found !== null && !found.isDirectory()) {
    throw new UserError(`\`store\`: expected a folder, ${folder} is a file`);
  }
  const open = {
    reading: lazily(() => openDatabase()),
    staging: lazily(() => openDatabase(stagingMiB)),
  };
  const database = open.reading.value;
  const databases = { database, staging: open.staging.value };
  return {
    dir: folder,
    identity: () => readStoreIdentity(folder),
    outcomes: createOutcomeStore(folder, databases),
    answers: createRecordParts(folder, answerShape, databases),
    logAnswers: createRecordParts(folder, logAnswerShape, databases),
    predictions: createRecordParts(folder, predictionShape, databases),
    predictedOutcomes: createPredictedOutcomes(folder, databases),
    estimates: createRecordParts(folder, estimateShape, databases),
    checkpoints: createJsonFolder(join(folder, 'checkpoints')),
    suites: createSuiteFolder(folder),
    probes: createVersionedFolders(join(folder, 'probes')),
    activations: createActivationFolder(join(folder, 'activations')),
    tokenStates: createActivationFolder(join(folder, 'token-states')),
    transfers: createCheckedFolder(join(folder, 'transfers'), transferMatrixSchema),
    forecasts: createFrozenFolder(join(folder, 'forecasts')),
    forecastScores: createJsonFolder(join(folder, 'forecasts', 'scores')),
    designs: createFrozenFolder(join(folder, 'designs')),
    samplingTimes: createFrozenFolder(join(folder, 'sampling-times')),
    jobs: createCheckedFolder(join(folder, 'jobs'), jobRecordSchema),
    refusedImports: createCheckedFolder(join(folder, 'refused-imports'), refusedImportSchema),
    alerts: createAlertFolder(join(folder, 'alerts')),
    contents: createContentsReader(folder),
    changedAt: (run) => changedAt(folder, run),
    writeTable: async (content, file) => writeTableFile(await database(), content, file),
    openTable: createTableOpener(database),
    async [Symbol.asyncDispose]() {
      await open.reading.close();
      await open.staging.close();
    },
  };
}

/** Enough for the hashes of some million records; what is more goes to the temporary folder. */
const stagingMiB = 112;

function lazily(make: () => Promise<Database>): {
  readonly value: () => Promise<Database>;
  readonly close: () => Promise<void>;
} {
  let opened: Promise<Database> | null = null;
  return {
    value: () => (opened ??= make()),
    async close() {
      const last = opened;
      opened = null;
      if (last !== null) await (await last)[Symbol.asyncDispose]();
    },
  };
}
