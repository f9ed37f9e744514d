import { fieldIn, type JsonObject, listIn, textIn } from '../../log/fields.ts';
import type { LmEvalResult, LmEvalTask } from './run.ts';

/** What the harness wrote of a task as the mean over its questions, 0…1. */
export function meanResults(task: LmEvalTask): LmEvalResult[] {
  return task.results.filter(
    ({ metric, value }) => value >= 0 && value <= 1 && isMeanOf(task.config, metric),
  );
}

/** Metrics whose mean over the questions shows that they are no scores in 0…1. */
export function metricsOutside(task: LmEvalTask): string[] {
  return task.results.flatMap(({ metric, value }) =>
    (value < 0 || value > 1) && isMeanOf(task.config, metric) ? [metric] : [],
  );
}

/** Metrics that are put together in another way where a task does not say how. */
const otherAggregations = /^(?:f1|mcc|brier_score|acc_all|bypass|.*perplexity|bits_per_byte)$/;

function isMeanOf(config: JsonObject | null, metric: string): boolean {
  const entry = listIn(config, 'metric_list')?.find((one) => textIn(one, 'metric') === metric);
  const told = fieldIn(entry, 'aggregation');
  if (typeof told === 'string') return /^(?:nan)?mean$|^<function (?:nan)?mean at /.test(told);
  return !otherAggregations.test(metric);
}
