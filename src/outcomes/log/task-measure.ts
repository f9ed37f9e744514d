import type { OutcomeRecord } from '../record.ts';
import { lossUnit, metricKind } from './metric-kind.ts';

export type TaskMeasure = Pick<OutcomeRecord, 'kind' | 'k' | 'n' | 'loss' | 'lossUnit'>;

/** Metrics on scales of their own that can come out between 0 and 1 as well: percentages, and those that may be negative. */
const ownScale =
  /^(?:s?bleu\w*|chrf\+*|ter|rouge\w+_(?:max|diff)|bleurt\w*|mcc|matthews_\w+|\w*likelihood\w*|\w*logits\w*|margin\w*|bypass)$/i;
/** Those of them that compare scores of that kind: right or wrong after all. */
const comparison = /_acc$/i;

/** What a metric's value says of a whole task, over `n` questions where the log tells how many. */
export function taskMeasure(metric: string, value: number, n: number | null): TaskMeasure {
  const unit = measureUnit(metric);
  if (unit !== null || value < 0 || value > 1) {
    return { kind: 'count', k: null, n: null, loss: value, lossUnit: unit ?? metric };
  }
  if (n === null) return { kind: 'score', k: value, n: 1, loss: null, lossUnit: null };
  const kind = metricKind(metric);
  const k = kind === 'count' ? Math.min(value * n, n) : value;
  return { kind, k, n, loss: null, lossUnit: null };
}

/** The unit of a metric that is no share of right answers and no score in 0…1, whatever its values; else null. */
export function measureUnit(metric: string): string | null {
  const unit = lossUnit(metric);
  if (unit !== null) return unit;
  return ownScale.test(metric) && !comparison.test(metric) ? metric : null;
}

/** A number of questions; null for what is none. */
export function questionCount(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null;
}
