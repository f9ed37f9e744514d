/** Results of whole tasks, of which no question is known: all of the record stands in the result's details. */
import { lossUnits } from '../log/metric-kind.ts';
import type { OutcomeRecord } from '../record.ts';
import { recordDetails } from './details.ts';
import type { EvaluationResult } from './document.ts';
import { generationConfig, resultId } from './result-parts.ts';

/** @returns null for a record that has neither a score nor a loss. */
export function toWholeTaskResult(record: OutcomeRecord): EvaluationResult | null {
  const { task, filter, k, loss, lossUnit } = record;
  const score = k === null ? loss : scoreOf(record, k);
  if (score === null) return null;
  const named = {
    ...(filter === null ? {} : { metric_name: filter }),
    ...(k !== null || lossUnit === null ? {} : { metric_unit: lossUnit }),
  };
  return {
    evaluation_result_id: `${resultId(record)}:whole-task`,
    evaluation_name: task,
    source_data: { dataset_name: task, source_type: 'other' },
    // A loss has no bounds, which the schema asks for beside a type.
    metric_config:
      k === null
        ? { ...named, lower_is_better: lossUnit === null || lossUnits.has(lossUnit) }
        : {
            ...named,
            lower_is_better: false,
            score_type: record.kind === 'count' ? 'binary' : 'continuous',
            ...{ min_score: 0, max_score: 1 },
          },
    score_details: { score, details: recordDetails(record), ...uncertaintyOf(record, score) },
    ...generationConfig(record),
  };
}

function scoreOf({ kind, n }: OutcomeRecord, k: number): number {
  return kind === 'count' ? k / (n ?? 1) : k;
}

/** The binomial error of a count; a mean score does not say how its answers differ. */
function uncertaintyOf(
  { kind, n }: OutcomeRecord,
  score: number,
): Pick<EvaluationResult['score_details'], 'uncertainty'> {
  if (kind !== 'count' || n === null || !Number.isSafeInteger(n)) return {};
  const value = Math.sqrt((score * (1 - score)) / n);
  return { uncertainty: { standard_error: { value }, num_samples: n } };
}
