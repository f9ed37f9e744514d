import { basename } from 'node:path';
import type { Importer, ImportOptions } from '../importer.ts';
import { identifyModel } from '../log/identify-model.ts';
import { validRecords } from '../log/valid-records.ts';
import type { OutcomeRecord } from '../record.ts';
import { kindOf } from './lm-eval/detect.ts';
import { findResults } from './lm-eval/find-results.ts';
import { readRun } from './lm-eval/run.ts';
import { sampleRecords, withoutOutcomes } from './lm-eval/samples.ts';
import { taskRecords } from './lm-eval/task-records.ts';

/**
 * lm-evaluation-harness from 0.3 on: results files with the tasks and groups, and the samples files of `--log_samples`
 * with the questions, which are read with the results file of their run.
 */
export function createLmEvalImporter(): Importer {
  return {
    format: 'lm-eval',
    detect: async (path) => ((await kindOf(path)) === null ? 0 : 1),
    async companions(path) {
      const found = (await kindOf(path)) === 'samples' ? await findResults(path) : null;
      return found === null ? [] : [found];
    },
    passOver: async (path) => ((await kindOf(path)) === 'samples' ? withoutOutcomes(path) : null),
    read: (path, options) => validRecords(readLog(path, options), basename(path)),
  };
}

async function* readLog(path: string, options: ImportOptions = {}): AsyncGenerator<OutcomeRecord> {
  const kind = await kindOf(path);
  if (kind === 'samples') {
    yield* sampleRecords(path, options);
    return;
  }
  // A damaged results file says best itself what is wrong with it.
  const run = await readRun(path);
  const checkpoint = await (options.identify ?? identifyModel)(run.model);
  yield* taskRecords(run, checkpoint, options);
  for (const [task, { none }] of run.tasks) {
    if (none.length === 0) continue;
    options.onNotice?.(`task \`${task}\`: the value of ${none.join(' and ')} is NaN and left out`);
  }
}
