/** Which of several ways of measuring a task stands for it, and its interval. */
import { wilsonInterval } from '../../stats/index.ts';
import type { Measured } from '../../wire/index.ts';
import { compareText } from '../compare-text.ts';
import type { MeasuredRow } from '../status.ts';

const level = 0.95;
/** Of the normal distribution, for 95 %. */
const quantile = 1.959963984540054;

/** The filter that stands for a task: the declared one, else the one that most checkpoints have. */
export function mainFilter(
  rows: readonly Pick<MeasuredRow, 'filter' | 'checkpoint'>[],
  declared: string | null,
): string | null {
  if (declared !== null && rows.some(({ filter }) => filter === declared)) return declared;
  const checkpoints = new Map<string | null, Set<string>>();
  for (const { filter, checkpoint } of rows) {
    checkpoints.set(filter, (checkpoints.get(filter) ?? new Set()).add(checkpoint));
  }
  const [first] = [...checkpoints].sort(
    ([a, own], [b, other]) => other.size - own.size || compareText(a ?? '', b ?? ''),
  );
  return first?.[0] ?? null;
}

/** One row a checkpoint: of the filter where there is one of it, then of most questions, counts before scores. */
export function chooseMeasured(
  rows: readonly MeasuredRow[],
  filter: string | null,
): Map<string, Measured> {
  const chosen = new Map<string, MeasuredRow>();
  for (const row of rows) {
    const before = chosen.get(row.checkpoint);
    if (row.accuracy !== null && (before === undefined || isBetter(row, before, filter)))
      chosen.set(row.checkpoint, row);
  }
  return new Map([...chosen].map(([checkpoint, row]) => [checkpoint, describe(row)]));
}

function isBetter(a: MeasuredRow, b: MeasuredRow, filter: string | null): boolean {
  const rank = (row: MeasuredRow): readonly number[] => [
    row.filter === filter ? 1 : 0,
    row.items,
    row.kind === 'count' ? 1 : 0,
    row.samples,
  ];
  const [first, second] = [rank(a), rank(b)];
  const at = first.findIndex((value, index) => value !== second[index]);
  return at >= 0 && (first[at] ?? 0) > (second[at] ?? 0);
}

function describe(row: MeasuredRow): Measured {
  const { checkpoint, kind, items, samples, filter, source } = row;
  const { accuracy, standardError } = { ...row, accuracy: row.accuracy ?? 0 };
  const interval = intervalOf(accuracy, standardError, Math.max(items, 1));
  return {
    ...{ checkpoint, accuracy, standardError, ...interval, kind, items, samples, filter, source },
  };
}

function intervalOf(
  accuracy: number,
  standardError: number | null,
  trials: number,
): Pick<Measured, 'low' | 'high'> {
  if (standardError === null || accuracy < 0 || accuracy > 1) return { low: null, high: null };
  if (standardError === 0) return wilsonInterval(accuracy, trials, level);
  return {
    low: Math.max(0, accuracy - quantile * standardError),
    high: Math.min(1, accuracy + quantile * standardError),
  };
}
