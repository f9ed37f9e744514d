import type { ImportOptions, LogCheckpoint } from '../../importer.ts';
import { makeRecord } from '../../log/blank-record.ts';
import { measureUnit, type TaskMeasure, taskMeasure } from '../../log/task-measure.ts';
import type { OutcomeRecord } from '../../record.ts';
import type { OlmesTask } from './task-run.ts';

/** What the harness says of a task, or of a group of tasks, as a whole. */
export function* taskRecords(
  task: OlmesTask,
  checkpoint: LogCheckpoint,
  options: ImportOptions,
): Generator<OutcomeRecord> {
  const { name, fewShot, chatTemplate, metrics } = task;
  const base = { suite: options.suite ?? 'olmes', task: name, fewShot, chatTemplate };
  for (const [metric, value] of metrics) {
    yield makeRecord({ ...checkpoint, ...measure(task, metric, value), ...base, filter: metric });
  }
}

/** Over the tasks of a group: the mean of their means, or of all questions. */
const overTasks = /_(?:macro|micro)$/;

function measure(task: OlmesTask, metric: string, value: number): TaskMeasure {
  const unit = unitOf(task, metric, value);
  const plain = metric.replace(overTasks, '');
  if (unit !== null) return { kind: 'count', k: null, n: null, loss: value, lossUnit: unit };
  return taskMeasure(plain, value, task.questions);
}

/** The primary score repeats another metric, which may be a loss that happens to lie between 0 and 1. */
function unitOf(
  { metrics, primaryMetric }: OlmesTask,
  metric: string,
  value: number,
): string | null {
  const plain = metric.replace(overTasks, '');
  if (plain !== 'primary_score') return measureUnit(plain);
  const named = primaryMetric?.replace(overTasks, '');
  if (named !== undefined && named !== 'primary_score') return measureUnit(named);
  for (const [other, same] of metrics) {
    const unit = same === value ? measureUnit(other.replace(overTasks, '')) : null;
    if (unit !== null) return unit;
  }
  return null;
}
