/**
 * Several answers to one question. The harness scores the first of them, all of them together, or their mean: which one is
 * decided by the task's filters. Scores of single answers are made here only where they are the harness's own comparison.
 */
import { fieldIn, isObject, type JsonObject, listIn, textIn } from '../../log/fields.ts';
import { isPythonList } from './question.ts';
import type { SampleRow } from './sample-row.ts';

/** What the harness scored, by the answers and the filter of a row. */
export type Scored = 'the only answer' | 'the first answer' | 'the mean' | 'unknown';

/** Filters that work on each answer by itself. */
const eachByItself = new Set([
  'regex',
  'regex_pos',
  'multi_choice_regex',
  'remove_whitespace',
  'lowercase',
  'uppercase',
  'map',
  'format_span',
]);

/** Metrics that are the mean over all answers where a filter gives all of them on. */
const meanOfAnswers = /^(?:exact_match|pass@1|pass_at_1)$/;

/** @param config the task's settings; null where no results file tells them. */
export function scoredBy(
  { answers, filtered }: SampleRow,
  { metric, filter, config }: { metric: string; filter: string | null; config: JsonObject | null },
): Scored {
  if (answers === null || answers.length === 1) return 'the only answer';
  if (Array.isArray(filtered)) {
    const all = filtered.length === answers.length && meanOfAnswers.test(metric);
    return all ? 'the mean' : 'unknown';
  }
  return config !== null && takesFirst(config, filter) ? 'the first answer' : 'unknown';
}

function takesFirst(config: JsonObject, filter: string | null): boolean {
  const steps = stepsOf(config, filter);
  if (steps === null) return fieldIn(config, 'filter_list') === null;
  return (
    steps.at(-1) === 'take_first' && steps.slice(0, -1).every((step) => eachByItself.has(step))
  );
}

/** The functions of a filter, in their order; null for one that the settings do not have. */
function stepsOf(config: JsonObject, filter: string | null): string[] | null {
  const own = listIn(config, 'filter_list')?.find((one) => textIn(one, 'name') === filter);
  return own === undefined
    ? null
    : (listIn(own, 'filter') ?? []).map((step) => textIn(step, 'function') ?? '');
}

/** What the filter took out of each answer; null where the row does not hold that. */
export function extractedAnswers(
  { answers, filtered }: SampleRow,
  { filter, config }: { filter: string | null; config: JsonObject | null },
): readonly string[] | null {
  if (answers === null) return null;
  if (Array.isArray(filtered)) return filtered.length === answers.length ? filtered : null;
  if (answers.length === 1) return filtered === null ? null : [filtered as string];
  if (config === null) return null;
  // Nothing but the first of the answers is taken: each is its own extract.
  const steps = stepsOf(config, filter);
  const plain = steps === null ? fieldIn(config, 'filter_list') === null : steps.length === 1;
  return plain && takesFirst(config, filter) ? answers : null;
}

/** Each answer's score as the harness would give it; null where that cannot be said for sure. */
export function answerScores(
  row: SampleRow,
  given: { metric: string; filter: string | null; config: JsonObject | null; value: number },
): number[] | null {
  const { metric, config, value } = given;
  if (metric !== 'exact_match' || config === null || !comparesTexts(config)) return null;
  const target = targetText(row.target);
  const extracted = extractedAnswers(row, given);
  if (target === null || extracted === null) return null;
  const scores = extracted.map((answer) => Number(answer === target));
  const scored = scoredBy(row, given);
  const again = scored === 'the mean' ? mean(scores) : scores[0];
  // The harness's own score is the test of the comparison.
  return scored !== 'unknown' && again !== undefined && Math.abs(again - value) < 1e-9
    ? scores
    : null;
}

/** Whether `exact_match` is the plain comparison of answer and target in this task. */
function comparesTexts(config: JsonObject): boolean {
  if (fieldIn(config, 'process_results') !== null || fieldIn(config, 'doc_to_choice') !== null) {
    return false;
  }
  const entries = (listIn(config, 'metric_list') ?? []).filter(isObject);
  const own = entries.find((entry) => entry['metric'] === 'exact_match');
  return (
    own !== undefined &&
    Object.entries(own).every(
      ([key, value]) =>
        ['metric', 'aggregation', 'higher_is_better'].includes(key) ||
        value === false ||
        value === null,
    )
  );
}

function targetText(target: unknown): string | null {
  if (typeof target === 'number' && Number.isSafeInteger(target)) return String(target);
  return typeof target === 'string' && !isPythonList(target) ? target : null;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
