import type { ImportOptions, LogCheckpoint } from '../../importer.ts';
import { makeRecord } from '../../log/blank-record.ts';
import { isObject, numberIn, toNumber } from '../../log/fields.ts';
import { lossUnit } from '../../log/metric-kind.ts';
import { measureUnit } from '../../log/task-measure.ts';
import type { OutcomeRecord } from '../../record.ts';
import { aggregationOf, isGenerative, taskKind } from './metrics.ts';
import { configOf, type LightevalRun, type Sampling } from './run.ts';
import { fewShotOf } from './task-name.ts';

/** What the run says of each task as a whole, groups and averages of all included. */
export function* taskRecords(
  run: LightevalRun,
  checkpoint: LogCheckpoint,
  options: ImportOptions,
): Generator<OutcomeRecord> {
  const suite = options.suite ?? 'lighteval';
  for (const [task, metrics] of Object.entries(run.results)) {
    if (!isObject(metrics) || task === '') continue;
    const config = configOf(run, task);
    const answers = numberIn(config, 'effective_num_docs');
    for (const [metric, given] of Object.entries(metrics)) {
      const value = typeof given === 'number' ? toNumber(given) : null;
      if (value === null || isError(metric, metrics)) continue;
      yield makeRecord({
        ...checkpoint,
        ...samplingOf(run, config),
        ...measure(metric, value, { answers, aggregation: aggregationIn(run, task, metric) }),
        suite,
        task,
        filter: metric,
        fewShot: fewShotOf(task),
        chatTemplate: run.chatTemplate,
      });
    }
  }
}

/** The settings of generation, where the task's answers are generated. */
export function samplingOf(run: LightevalRun | null, config: unknown): Sampling {
  const none = { temperature: null, topP: null, seed: null };
  return run !== null && isGenerative(config) === true ? run.sampling : none;
}

type Measure = Partial<Pick<OutcomeRecord, 'kind' | 'k' | 'n' | 'loss' | 'lossUnit'>>;

function measure(
  metric: string,
  value: number,
  { answers, aggregation }: { answers: number | null; aggregation: string | null },
): Measure {
  const [name = metric] = metric.split(':');
  // Of a metric that is told to be a mean over questions the values decide, else its name does.
  const isMean = aggregation === 'mean';
  const isMeasure = (aggregation !== null && !isMean) || value < 0 || value > 1;
  const unit = (isMean ? lossUnit(name) : measureUnit(name)) ?? (isMeasure ? metric : null);
  if (unit !== null) return { loss: value, lossUnit: unit };
  const kind = taskKind(metric);
  if (answers === null || !Number.isSafeInteger(answers) || answers < 1) {
    return { kind: 'score', k: value, n: 1 };
  }
  return { kind, k: kind === 'count' ? value * answers : value, n: answers };
}

/** How the run put the metric together over the task's questions; null where it does not say. */
function aggregationIn(run: LightevalRun, task: string, metric: string): string | null {
  const config = configOf(run, task);
  return config === null ? anyAggregation(run, metric) : aggregationOf(config, metric);
}

/** Groups have no configuration of their own. */
function anyAggregation(run: LightevalRun, metric: string): string | null {
  for (const config of Object.values(run.configs)) {
    const told = aggregationOf(config, metric);
    if (told !== null) return told;
  }
  return null;
}

/** `acc_stderr` beside `acc`; also where a metric's own parameters follow: `em_stderr:n=4`. */
function isError(metric: string, metrics: Readonly<Record<string, unknown>>): boolean {
  return metric.includes('_stderr') && Object.hasOwn(metrics, metric.replace('_stderr', ''));
}

/** The mean over the questions that the run wrote of a task's metric; null where it wrote none. */
export function claimOf(run: LightevalRun, task: string, metric: string): number | null {
  const told = aggregationOf(configOf(run, task), metric);
  if (told !== null && told !== 'mean') return null;
  const metrics = Object.hasOwn(run.results, task) ? run.results[task] : null;
  const value = isObject(metrics) ? numberIn(metrics, metric) : null;
  return value !== null && value >= 0 && value <= 1 ? value : null;
}
