/** What the harness itself made of the scores: the metrics of a log's `results`. */
import { fieldIn, isObject, listIn, numberIn, textIn, toNumber } from '../../log/fields.ts';
import { unqualified } from './settings.ts';

export type LogMetric = {
  /** As the log calls it; of metrics that give several values, the value's own name. */
  readonly name: string;
  /** One of several values of a metric: of a group, of a class. */
  readonly grouped: boolean;
  readonly value: number;
};

/** Metrics of one scorer, or of one key of its scores. */
export type LogResult = {
  /** `<scorer>`, or `<scorer>/<key>`. */
  readonly filter: string;
  readonly scorer: string;
  /** Null where the log names none. */
  readonly reducer: string | null;
  /** Scores that counted: questions, or answers where nothing was reduced; null where the log does not tell. */
  readonly scored: number | null;
  readonly metrics: readonly LogMetric[];
};

export type LogResults = {
  /** Answers: questions × epochs. */
  readonly total: number | null;
  readonly scores: readonly LogResult[];
};

/** How sure a number is, is no result of its own. */
const spread = /(?:^|_)(?:stderr|std|var|ci_lower|ci_upper)(?:_|\d|$)/;

export function resultsOf(value: unknown): LogResults | null {
  if (!isObject(value)) return null;
  return {
    total: numberIn(value, 'total_samples'),
    scores: (listIn(value, 'scores') ?? onlyScore(value)).flatMap(resultOf),
  };
}

/** Logs of early 2024: one scorer, its metrics beside it. */
function onlyScore(results: unknown): readonly unknown[] {
  const scorer = fieldIn(results, 'scorer');
  return isObject(scorer) ? [{ ...scorer, metrics: fieldIn(results, 'metrics') }] : [];
}

function resultOf(score: unknown): LogResult[] {
  const name = textIn(score, 'name');
  if (name === null) return [];
  const scorer = textIn(score, 'scorer') ?? name;
  return [
    {
      filter: name === scorer ? scorer : `${scorer}/${name}`,
      scorer,
      reducer: textIn(score, 'reducer'),
      scored: numberIn(score, 'scored_samples'),
      metrics: metricsOf(fieldIn(score, 'metrics')),
    },
  ];
}

function metricsOf(metrics: unknown): LogMetric[] {
  if (!isObject(metrics)) return [];
  return Object.entries(metrics).flatMap(([key, metric]) => {
    const value = isObject(metric) ? numberIn(metric, 'value') : toNumber(metric);
    const grouped = textIn(metric, 'group') !== null;
    if (value === null || spread.test(unqualified(key))) return [];
    if (spread.test(textIn(metric, 'group') ?? '')) return [];
    return [{ name: grouped ? key : unqualified(key), grouped, value }];
  });
}
