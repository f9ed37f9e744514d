import type { ImportOptions, LogCheckpoint } from '../../importer.ts';
import { makeRecord } from '../../log/blank-record.ts';
import { taskMeasure } from '../../log/task-measure.ts';
import type { OutcomeRecord } from '../../record.ts';
import type { LmEvalResult, LmEvalRun } from './run.ts';

/** What the run says of each task as a whole, and of each group of tasks. */
export function* taskRecords(
  run: LmEvalRun,
  checkpoint: LogCheckpoint,
  options: ImportOptions,
): Generator<OutcomeRecord> {
  for (const [task, { results, fewShot }] of run.tasks) {
    for (const result of results) {
      yield makeRecord({
        ...checkpoint,
        ...taskMeasure(result.metric, result.value, result.n),
        suite: options.suite ?? 'lm-eval',
        task,
        filter: filterName(result),
        fewShot,
        chatTemplate: run.chatTemplate,
        params: run.params,
      });
    }
  }
}

/** `<metric>,<filter>` as the harness writes it; `<metric>` where there are no filters. */
export function filterName({ metric, filter }: Pick<LmEvalResult, 'metric' | 'filter'>): string {
  return filter === null ? metric : `${metric},${filter}`;
}
