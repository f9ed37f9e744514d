import { basename } from 'node:path';
import { UserError } from '../../error/index.ts';
import type { Importer, ImportOptions } from '../importer.ts';
import { identifyModel } from '../log/identify-model.ts';
import { validRecords } from '../log/valid-records.ts';
import type { OutcomeRecord } from '../record.ts';
import { inspectFileOf } from './inspect/detect.ts';
import { openEvalLog } from './inspect/eval-log.ts';
import { openJsonLog } from './inspect/json-log.ts';
import type { InspectLog } from './inspect/log-parts.ts';
import { type Outcome, outcomeOf } from './inspect/log-records.ts';
import { noticesOf } from './inspect/notices.ts';
import { collectLog, type Collected } from './inspect/collect-log.ts';
import { createTeller } from './inspect/tell-sample.ts';

const reasons = {
  listing: 'a listing of logs, which are read themselves',
  'eval set': 'names the tasks of a set of logs, which are read themselves',
} as const;

/** Inspect AI: logs as `.eval` and as `.json`. */
export function createInspectImporter(): Importer {
  return {
    format: 'inspect',
    detect: async (path) => ((await inspectFileOf(path)) === null ? 0 : 1),
    async passOver(path) {
      const file = await inspectFileOf(path);
      return file === 'listing' || file === 'eval set' ? reasons[file] : null;
    },
    read: (path, options) => validRecords(readInspect(path, options), basename(path)),
  };
}

async function* readInspect(
  path: string,
  options: ImportOptions = {},
): AsyncGenerator<OutcomeRecord> {
  using log = await openLog(path);
  const read = await collectLog(log, `\`${basename(path)}\``);
  const checkpoint = await (options.identify ?? identifyModel)(read.settings.model);
  const outcome = outcomeOf(read, { suite: options.suite ?? 'inspect', checkpoint });
  if (outcome.count === 0) throw nothingScored(path, read);
  const isAsked = options.onQuestion !== undefined;
  const end = { isFinished: log.isFinished, status: read.status, isAsked };
  for (const notice of noticesOf(read, outcome, end)) options.onNotice?.(notice);
  for (const claim of outcome.claims) options.onClaim?.(claim);
  if (options.onQuestion === undefined && options.onAnswer === undefined) yield* outcome.records();
  else yield* withSamples(log, { read, outcome, options, checkpoint: checkpoint.checkpoint });
}

async function openLog(path: string): Promise<InspectLog> {
  const file = await inspectFileOf(path);
  if (file === 'json') return openJsonLog(path);
  if (file === 'eval') return openEvalLog(path);
  throw new UserError(
    `\`${basename(path)}\`: expected a log of Inspect (.eval or .json), ${file === null ? 'it is none' : `it is ${reasons[file]}`} (in ${path})`,
  );
}

type Telling = {
  read: Collected;
  outcome: Outcome;
  options: ImportOptions;
  checkpoint: string;
};

/**
 * Questions and answers are told out of a second reading: only then it is known whose scores count. Records go between
 * them evenly, so that whoever listens can write down what has come so far.
 */
async function* withSamples(log: InspectLog, telling: Telling): AsyncGenerator<OutcomeRecord> {
  const { read, outcome } = telling;
  const tell = createTeller(telling);
  const records = outcome.records();
  let [samples, given] = [0, 0];
  for await (const sample of log.samples()) {
    tell(sample);
    samples += 1;
    const due = Math.floor((outcome.count * samples) / read.tally.samples);
    for (; given < due; given += 1) {
      const next = records.next();
      if (next.done !== true) yield next.value;
    }
  }
  yield* records;
}

function nothingScored(path: string, { tally, status }: Collected): UserError {
  const ended = status === null ? '' : `, its status is \`${status}\``;
  return new UserError(
    `\`${basename(path)}\`: expected scores, none of its ${tally.samples} samples has one that counts and it has no results${ended} (in ${path})`,
  );
}
