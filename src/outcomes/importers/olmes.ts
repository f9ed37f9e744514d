import { basename } from 'node:path';
import { UserError } from '../../error/index.ts';
import type { Importer, ImportOptions } from '../importer.ts';
import { isObject, listIn, objectIn } from '../log/fields.ts';
import { identifyModel } from '../log/identify-model.ts';
import { validRecords } from '../log/valid-records.ts';
import type { OutcomeRecord } from '../record.ts';
import { kindOf, type OlmesFile } from './olmes/detect.ts';
import { besideRun, besideTask } from './olmes/find-files.ts';
import { predictionRecords } from './olmes/predictions.ts';
import { taskRecords } from './olmes/task-records.ts';
import { type OlmesTask, readDocument, readTask, readTasks, taskOf } from './olmes/task-run.ts';

/** OLMES (oe-eval): a task's predictions with its metrics and requests, and metrics of tasks and groups alone. */
export function createOlmesImporter(): Importer {
  return {
    format: 'olmes',
    async detect(path) {
      const kind = await kindOf(path);
      // The successor writes the same requests, and knows its own by what lies around them.
      return kind === null ? 0 : kind === 'requests' ? 0.8 : 1;
    },
    async companions(path) {
      if ((await kindOf(path)) !== 'predictions') return [];
      const metrics = await besideTask(path, 'metrics.json');
      const found = [
        metrics ?? (await besideRun(path, 'metrics-all.jsonl')),
        await besideTask(path, 'requests.jsonl'),
      ];
      return found.filter((one) => one !== null);
    },
    passOver,
    read: (path, options) => validRecords(readLog(path, options), basename(path)),
  };
}

async function passOver(path: string): Promise<string | null> {
  const kind = await kindOf(path);
  if (kind === 'requests') return 'read with the predictions of its task';
  if (kind === 'recorded inputs') return 'some of the requests again, for people to look at';
  if (kind !== 'summary') return null;
  const all = await besideRun(path, 'metrics-all.jsonl');
  return all === null ? null : 'read as `metrics-all.jsonl`, which says more';
}

async function* readLog(path: string, options: ImportOptions = {}): AsyncGenerator<OutcomeRecord> {
  const kind = await kindOf(path);
  if (kind === 'predictions') {
    yield* predictionRecords(path, options);
    return;
  }
  for await (const task of tasksOf(path, kind)) {
    const model =
      task.model ??
      (options.checkpoint === undefined ? null : { name: options.checkpoint, revision: null });
    if (model === null) {
      throw new UserError(
        `\`${basename(path)}\`: expected the model in \`model_config\` of task \`${task.name}\`, found none: pass --checkpoint`,
      );
    }
    const checkpoint = await (options.identify ?? identifyModel)(model);
    yield* taskRecords(task, checkpoint, options);
  }
}

async function* tasksOf(path: string, kind: OlmesFile | null): AsyncGenerator<OlmesTask> {
  if (kind === 'all metrics') {
    yield* readTasks(path);
  } else if (kind === 'summary') {
    const document = await readDocument(path);
    const model = objectIn(document, 'model_config');
    for (const task of listIn(document, 'tasks') ?? []) {
      if (isObject(task)) yield taskOf(task, model);
    }
  } else {
    // A damaged file says best itself what is wrong with it.
    yield await readTask(path);
  }
}
