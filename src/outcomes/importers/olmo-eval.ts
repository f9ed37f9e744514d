import { basename } from 'node:path';
import { UserError } from '../../error/index.ts';
import type { Importer, ImportOptions } from '../importer.ts';
import { makeRecord } from '../log/blank-record.ts';
import { identifyModel } from '../log/identify-model.ts';
import { taskMeasure } from '../log/task-measure.ts';
import { validRecords } from '../log/valid-records.ts';
import type { OutcomeRecord } from '../record.ts';
import { kindOf } from './olmo-eval/detect.ts';
import { findPredictions, findRequests, findRun } from './olmo-eval/find-files.ts';
import { predictionRecords } from './olmo-eval/predictions.ts';
import { readRun } from './olmo-eval/run.ts';

/** olmo-eval: `metrics.json` with tasks and suites, and each task's predictions with its requests. */
export function createOlmoEvalImporter(): Importer {
  return {
    format: 'olmo-eval',
    async detect(path) {
      const kind = await kindOf(path);
      if (kind !== 'requests') return kind === null ? 0 : 1;
      return (await findPredictions(path).then(isOwn)) ? 0.9 : 0;
    },
    async companions(path) {
      if ((await kindOf(path)) !== 'predictions') return [];
      return [await findRun(path), await findRequests(path)].filter((one) => one !== null);
    },
    async passOver(path) {
      return (await kindOf(path)) === 'requests' ? 'read with the predictions of its task' : null;
    },
    read: (path, options) => validRecords(readLog(path, options), basename(path)),
  };
}

async function isOwn(path: string | null): Promise<boolean> {
  return path !== null && (await kindOf(path)) === 'predictions';
}

async function* readLog(path: string, options: ImportOptions = {}): AsyncGenerator<OutcomeRecord> {
  if ((await kindOf(path)) === 'predictions') {
    yield* predictionRecords(path, options);
    return;
  }
  // A damaged file says best itself what is wrong with it.
  for (const { name, model, questions, fewShot, metrics } of await readRun(path)) {
    const known =
      model ??
      (options.checkpoint === undefined ? null : { name: options.checkpoint, revision: null });
    if (known === null) {
      throw new UserError(
        `\`${basename(path)}\`: expected the model in \`config\` for task \`${name}\`, found none: pass --checkpoint`,
      );
    }
    const checkpoint = await (options.identify ?? identifyModel)(known);
    for (const { metric, name: filter, value } of metrics) {
      yield makeRecord({
        ...checkpoint,
        ...taskMeasure(metric, value, questions),
        ...{ suite: options.suite ?? 'olmo-eval', task: name, filter, fewShot },
      });
    }
  }
}
