/** What a checkpoint outside the ladder scored on the same questions, measured in the same way. */
import { type Across, differ } from '../../outcomes/index.ts';
import { compatibleResult } from './choose-columns.ts';
import { hashDigits, isAllowed, isAsked } from './common-items.ts';
import {
  hashNames,
  type ItemColumn,
  type Measurement,
  type OutcomeTable,
  type TaskOutcomes,
} from './outcome-table.ts';

/** One task of a benchmark: which questions, and how they were measured. Kept in frozen forecasts. */
export type BenchmarkPart = {
  readonly task: string;
  /** Null: the whole task. */
  readonly items: readonly string[] | null;
  /** First digits of the hash of what was asked, by item; null where it is not known. */
  readonly prompts: readonly (string | null)[] | null;
  /** The same of the document asked about, and of the expected answer. */
  readonly documents: readonly (string | null)[] | null;
  readonly targets: readonly (string | null)[] | null;
  readonly measurement: Measurement;
  /** Differences that do not matter. */
  readonly across: readonly Across[];
};

export type MeasuredAccuracy = {
  readonly accuracy: number;
  /** Items behind it; 0 where it is a result of whole tasks. */
  readonly items: number;
  /** Items of the benchmark that it should have been measured on. */
  readonly expected: number;
};

/** The usual reason: a target that is still to come. */
export const notMeasured = 'no outcome of the task';

/** The accuracy over all parts (each item equal, or each task where one has no items); else why there is none. */
export function measure(
  table: OutcomeTable,
  parts: readonly BenchmarkPart[],
  checkpoint: string,
): MeasuredAccuracy | { readonly reason: string } {
  const measured: (MeasuredAccuracy & { sum: number })[] = [];
  for (const part of parts) {
    const one = measurePart(table, part, checkpoint);
    if ('reason' in one) return one;
    measured.push(one);
  }
  const total = (field: 'items' | 'expected' | 'sum' | 'accuracy'): number =>
    measured.reduce((sum, one) => sum + one[field], 0);
  const [items, expected] = [total('items'), total('expected')];
  if (measured.length === 0) return { reason: 'there is nothing to measure' };
  const byItem = measured.every((one) => one.items > 0);
  const accuracy = byItem ? total('sum') / items : total('accuracy') / measured.length;
  return { accuracy, items: byItem ? items : 0, expected };
}

/** A checkpoint's pass rate on each item of a part; null unless it was asked all of them. */
export function itemRates(
  table: OutcomeTable,
  part: BenchmarkPart,
  checkpoint: string,
): Float64Array | null {
  const task = table.tasks.get(part.task);
  const column = task === undefined ? null : columnOf(task, part, checkpoint);
  if (task === undefined || column === null || part.items === null) return null;
  const rateAt = ratesBy(task, column, part);
  const rates = Float64Array.from(part.items, rateAt);
  return rates.some(Number.isNaN) ? null : rates;
}

function measurePart(
  table: OutcomeTable,
  part: BenchmarkPart,
  checkpoint: string,
): (MeasuredAccuracy & { sum: number }) | { reason: string } {
  const task = table.tasks.get(part.task);
  const at = task?.at.get(checkpoint);
  if (task === undefined || at === undefined) return { reason: notMeasured };
  const column = columnOf(task, part, checkpoint);
  if (column !== null) return overItems(task, column, part);
  // A result of the whole task may be of other questions: it stands in where there are no items, never beside them.
  if (part.items !== null && at.columns.length > 0) {
    return {
      reason: 'its outcomes per item were measured otherwise than the ladder’s, or in several ways',
    };
  }
  const result = compatibleResult(at.results, part.measurement, part.across);
  if (result === null) return { reason: 'no outcome that was measured as the ladder was' };
  const accuracy = result.kind === 'count' ? result.k / result.n : result.k;
  return { accuracy, items: 0, expected: part.items?.length ?? 0, sum: accuracy };
}

function columnOf(task: TaskOutcomes, part: BenchmarkPart, checkpoint: string): ItemColumn | null {
  const columns = task.at.get(checkpoint)?.columns ?? [];
  const column = compatibleResult(columns, part.measurement, part.across);
  return column?.twice === null ? column : null;
}

function overItems(
  task: TaskOutcomes,
  column: ItemColumn,
  part: BenchmarkPart,
): (MeasuredAccuracy & { sum: number }) | { reason: string } {
  const ids = part.items ?? task.items;
  const rateAt = ratesBy(task, column, part);
  let [sum, items] = [0, 0];
  for (const [index, id] of ids.entries()) {
    const rate = rateAt(id, index);
    if (Number.isNaN(rate)) continue;
    sum += rate;
    items += 1;
  }
  if (items === 0) return { reason: 'none of the ladder’s questions was asked' };
  return { accuracy: sum / items, items, expected: part.items?.length ?? items, sum };
}

/** The rate of an item at its place in the part; NaN where it was not asked, or another question under its id. */
function ratesBy(
  task: TaskOutcomes,
  column: ItemColumn,
  part: BenchmarkPart,
): (id: string, index: number) => number {
  const { prompts, documents, targets, measurement, across } = part;
  const wanted = { prompt: prompts, document: documents, target: targets };
  const checks = hashNames
    .filter((name) => !isAllowed(name, [column, measurement], across))
    .map((name) => ({ wanted: wanted[name], asked: column.hashes[name] }));
  return (id, index) => {
    const row = task.rows.get(id);
    if (row === undefined || !isAsked(column, row)) return Number.NaN;
    const isOther = checks.some((check) =>
      differ(check.wanted?.[index] ?? null, check.asked?.[row]?.slice(0, hashDigits) ?? null),
    );
    return isOther ? Number.NaN : (column.right[row] ?? 0) / (column.answers[row] ?? 1);
  };
}
