/** What the samples of a file are scores of, found out before the first record. */
import type { OutcomeKind } from '../../record.ts';
import { metricKind } from '../../log/metric-kind.ts';
import { type Aggregate, type AggregateResult, resultOf } from './aggregate.ts';
import { resultKind } from './aggregate-records.ts';
import { readSamples, type Sample } from './sample.ts';

/** Scores of one metric of one task. */
export type Group = {
  readonly task: string;
  readonly filter: string | null;
  /** What the run's document says of it. */
  readonly result: AggregateResult | null;
  readonly kind: OutcomeKind;
  /** 100 where the scores are percentages; null where they are no scores in 0…1. */
  readonly scale: number | null;
  /** A sample comes more than once. */
  readonly repeats: boolean;
};

export type Groups = { of(sample: Sample, metric: string): Group | null; all(): Iterable<Group> };

type Seen = {
  result: AggregateResult | null;
  filter: string | null;
  task: string;
  least: number;
  most: number;
  /** Each score is 0 or 1 and agrees with `is_correct`. */
  binary: boolean;
  samples: Set<string>;
  repeats: boolean;
};

export async function findGroups(
  path: string,
  aggregate: Aggregate | null,
  { isArray }: { isArray: boolean },
): Promise<Groups> {
  const seen = new Map<string, Seen>();
  for await (const sample of readSamples(path, { isArray })) {
    for (const [metric, score] of sample.scores) {
      const key = keyOf(sample, metric);
      const group = seen.get(key) ?? begin(sample, metric, aggregate);
      seen.set(key, group);
      group.least = Math.min(group.least, score);
      group.most = Math.max(group.most, score);
      group.binary &&= score === 0 || score === 1;
      if (metric === '' && sample.correct !== null)
        group.binary &&= sample.correct === (score === 1);
      group.repeats ||= group.samples.has(sample.id);
      group.samples.add(sample.id);
    }
  }
  const groups = new Map([...seen].map(([key, one]) => [key, finish(one)]));
  return {
    of: (sample, metric) => groups.get(keyOf(sample, metric)) ?? null,
    all: () => groups.values(),
  };
}

function keyOf({ task, resultId }: Sample, metric: string): string {
  return `${task}\n${resultId ?? ''}\n${metric}`;
}

function begin(sample: Sample, metric: string, aggregate: Aggregate | null): Seen {
  const { task, resultId } = sample;
  const result =
    metric === ''
      ? resultOf(aggregate, { id: resultId, task })
      : metricResult(aggregate, task, metric);
  return {
    result,
    filter: result === null ? (metric === '' ? (resultId ?? 'score') : metric) : result.filter,
    task,
    least: Infinity,
    most: -Infinity,
    binary: true,
    samples: new Set(),
    repeats: false,
  };
}

/** Converters of lm-eval name the result by metric and filter. */
function metricResult(
  aggregate: Aggregate | null,
  task: string,
  metric: string,
): AggregateResult | null {
  const own = (aggregate?.results ?? []).filter((result) => result.task === task);
  return own.find(({ label }) => label === metric || label.startsWith(`${metric},`)) ?? null;
}

function finish({ task, filter, result, least, most, binary, repeats }: Seen): Group {
  const fits = (scale: number): boolean => least >= 0 && most <= scale;
  const percent = result?.scale === 100 && most > 1 && fits(100);
  const named =
    result === null ? metricKind((filter ?? '').split(/[,:]/)[0] ?? '') : resultKind(result);
  // Without a name to go by, right and wrong answers are told by themselves.
  const unnamed = result === null && (filter === 'score' || named === 'score');
  return {
    task,
    filter,
    result,
    kind: unnamed && binary ? 'count' : named,
    scale: percent ? 100 : fits(1) ? 1 : null,
    repeats,
  };
}
