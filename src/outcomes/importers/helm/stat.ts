/** HELM's statistics: sums over the values that an instance, or all of them, gave. */
import { type JsonObject, numberIn, objectIn, textIn } from '../../log/fields.ts';
import { metricKind } from '../../log/metric-kind.ts';
import type { OutcomeKind } from '../../record.ts';

export type HelmStat = {
  readonly metric: string;
  readonly split: string | null;
  readonly subSplit: string | null;
  /** Of changed inputs. */
  readonly perturbed: boolean;
  /** Values behind it; none says nothing. */
  readonly count: number;
  readonly mean: number;
};

/** Null for what is no statistic, or one of no values. */
export function toStat(value: unknown): HelmStat | null {
  const name = objectIn(value, 'name');
  const metric = textIn(name, 'name');
  const count = numberIn(value, 'count');
  const mean = numberIn(value, 'mean') ?? meanOf(value as JsonObject, count);
  if (metric === null || count === null || mean === null || count < 1) return null;
  if (!Number.isSafeInteger(count)) return null;
  return {
    metric,
    split: textIn(name, 'split'),
    subSplit: textIn(name, 'sub_split'),
    perturbed: objectIn(name, 'perturbation') !== null,
    count,
    mean,
  };
}

function meanOf(stat: JsonObject, count: number | null): number | null {
  const sum = numberIn(stat, 'sum');
  return sum === null || count === null || count === 0 ? null : sum / count;
}

/** What HELM writes beside scores: counts, costs, times, probabilities of tokens. */
const bookkeeping =
  /^(?:num_|max_num_|estimated_|training_(?:co2|energy)_|inference_|denoised_runtime|runtime_|batch_size$|finish_reason_|prompt_(?:truncated|length)$|max_prob$|logprob|predicted_index$|ref\d+_rank$)/;

export function isBookkeeping(metric: string): boolean {
  return bookkeeping.test(metric);
}

/** `exact_match@5` asks whether one of the first 5 answers is right: right or wrong as well. */
export function helmKind(metric: string): OutcomeKind {
  const name = metric.replace(/@\d+$/, '');
  return /^(?:math_equiv\w*|exact_set_match|chain_of_thought_correctness|pass)$/.test(name)
    ? 'count'
    : metricKind(name);
}
