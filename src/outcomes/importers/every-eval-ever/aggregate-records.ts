import type { ImportOptions } from '../../importer.ts';
import { makeRecord } from '../../log/blank-record.ts';
import { metricKind } from '../../log/metric-kind.ts';
import { measureUnit } from '../../log/task-measure.ts';
import type { OutcomeRecord } from '../../record.ts';
import type { AggregateResult } from './aggregate.ts';
import type { ModelOfLog } from './model.ts';

/** One record for each result: of a task as a whole. */
export function* aggregateRecords(
  results: readonly AggregateResult[],
  model: ModelOfLog,
  options: ImportOptions,
): Generator<OutcomeRecord> {
  for (const result of results) {
    const { score, task, filter, own, temperature, topP, fewShot, chatTemplate } = result;
    if (score === null) continue;
    const suite = options.suite ?? result.suite ?? 'every-eval-ever';
    if (own !== null) {
      yield makeRecord({ ...own, suite, checkpoint: model.checkpoint, task, item: null });
      continue;
    }
    yield makeRecord({
      ...model,
      suite,
      task,
      filter,
      temperature,
      topP,
      fewShot,
      chatTemplate,
      ...measure(result, score),
    });
  }
}

type Measure = Partial<Pick<OutcomeRecord, 'kind' | 'k' | 'n' | 'loss' | 'lossUnit'>>;

function measure(result: AggregateResult, score: number): Measure {
  const value = score / result.scale;
  const [metric = result.label] = result.label.split(',');
  const unit = measureUnit(metric);
  // A share of mistakes is no accuracy, though it lies in 0…1.
  if (unit !== null || result.lowerIsBetter || value < 0 || value > 1) {
    return { loss: score, lossUnit: unit ?? metric };
  }
  if (result.questions === null) return { kind: 'score', k: value, n: 1 };
  const kind = resultKind(result);
  return { kind, k: kind === 'count' ? value * result.questions : value, n: result.questions };
}

export function resultKind({ label, binary }: AggregateResult): OutcomeRecord['kind'] {
  return binary ? 'count' : metricKind(label.split(',')[0] ?? label);
}

/** The result as an accuracy in 0…1; null where it is none. */
export function claimedAccuracy(result: AggregateResult): number | null {
  const value = result.score === null ? null : result.score / result.scale;
  return value === null || value < 0 || value > 1 ? null : value;
}
