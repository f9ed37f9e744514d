/** What the scores under a filter are: right or wrong, shares, or nothing that an outcome can be made of. */
import type { OutcomeKind } from '../../record.ts';
import { lossUnit, metricKind } from '../../log/metric-kind.ts';
import type { LogResults } from './results.ts';
import type { LogSettings } from './settings.ts';
import type { FilterTally } from './tally.ts';

/** Metrics that are the mean of the scores. */
const means = new Set(['accuracy', 'mean']);
const perplexity = /perplexity/i;

export type Scoring =
  | { readonly kind: OutcomeKind; readonly refusal: null }
  | { readonly kind: null; readonly refusal: string };

export function isMean(metric: string): boolean {
  return means.has(metric);
}

/** The unit of a metric that is a loss; null for one that is none. */
export function inspectLossUnit(metric: string): string | null {
  return lossUnit(metric) ?? (perplexity.test(metric) ? 'perplexity' : null);
}

/** Names of a filter's metrics, as the results say, or else the settings; null where neither tells. */
export function metricsUnder(
  { filter, scorer }: Pick<FilterTally, 'filter' | 'scorer'>,
  { settings, results }: { settings: LogSettings; results: LogResults | null },
): readonly string[] | null {
  const found = (results?.scores ?? []).filter((result) => result.filter === filter);
  const names = found.flatMap(({ metrics }) => metrics.map(({ name }) => name));
  return names.length > 0 ? names : settings.metricsOf(scorer);
}

/**
 * A mark that is right or wrong for every answer is a count, unless the harness has its mean and no accuracy; anything
 * else in 0…1 is a score.
 */
export function scoringOf(tally: FilterTally, metrics: readonly string[] | null): Scoring {
  const refused = (refusal: string): Scoring => ({ kind: null, refusal });
  if (metrics?.some((metric) => inspectLossUnit(metric) !== null) === true) {
    return refused('are losses and no shares of right answers');
  }
  if (tally.hasOutside) return refused('are not all from 0 to 1');
  const isAveraged = metrics?.some(isMean) === true;
  if (tally.strange !== null && !isAveraged) {
    return refused(`are no grades (${tally.strange})`);
  }
  const kind = kindOf(tally, metrics);
  return { kind, refusal: null };
}

function kindOf(tally: FilterTally, metrics: readonly string[] | null): OutcomeKind {
  if (tally.hasPartial) return 'score';
  if (metrics?.includes('accuracy') === true) return 'count';
  if (metrics?.includes('mean') === true) return 'score';
  return tally.hasNumbers ? metricKind(tally.filter.split('/').at(-1) ?? '') : 'count';
}
