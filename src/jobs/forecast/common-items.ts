import type { LadderItems } from '../../forecast/index.ts';
import {
  type Across,
  differenceReasons,
  isRephrased,
  type QuestionDifference,
} from '../../outcomes/index.ts';
import type { FirstDifference } from '../first-difference.ts';
import type { Exclusion } from './exclusion.ts';
import {
  type HashName,
  hashNames,
  type ItemColumn,
  type Measurement,
  type TaskOutcomes,
} from './outcome-table.ts';

type KnownHashes = readonly (string | null)[] | null;

/** The questions that every model of a ladder was asked, and no other ones under their ids. */
export type CommonItems = {
  /** By id, ascending. */
  readonly items: LadderItems;
  /** First 16 digits of the hash of what was asked, by item; null where no record tells. */
  readonly prompts: KnownHashes;
  /** The same of the document asked about, and of the expected answer. */
  readonly documents: KnownHashes;
  readonly targets: KnownHashes;
  readonly exclusions: readonly Exclusion[];
};

export const hashDigits = 16;

/** Columns are those of the checkpoints, in the same order. */
export function commonItems(
  task: TaskOutcomes,
  checkpoints: readonly string[],
  columns: readonly ItemColumn[],
  across: readonly Across[],
): CommonItems {
  const { items: ids } = task;
  const kept: number[] = [];
  const missing = columns.map(() => 0);
  const others = new Map<HashName, OtherQuestions>();
  const checked = hashNames.filter((name) => !isAllowed(name, columns, across));
  for (let row = 0; row < ids.length; row += 1) {
    const asked = columns.filter((column) => isAsked(column, row)).length;
    if (asked === 0) continue;
    if (asked < columns.length) {
      columns.forEach((column, index) => {
        if (!isAsked(column, row)) missing[index] = (missing[index] ?? 0) + 1;
      });
      continue;
    }
    const difference = differenceAt(columns, row, checked);
    if (difference === null) kept.push(row);
    else addOther(others, ids[row] ?? '', difference);
  }
  const order = kept.sort((a, b) => ((ids[a] ?? '') < (ids[b] ?? '') ? -1 : 1));
  const known = (name: HashName): KnownHashes =>
    columns.some(({ hashes }) => hashes[name] !== null)
      ? order.map((row) => hashesOf(columns, name, row)[0]?.slice(0, hashDigits) ?? null)
      : null;
  return {
    items: pickRows(ids, order, columns),
    prompts: known('prompt'),
    documents: known('document'),
    targets: known('target'),
    exclusions: [
      ...describeMissing(task.task, checkpoints, missing),
      ...describeOthers(task.task, others),
    ],
  };
}

export function isAsked({ right }: ItemColumn, row: number): boolean {
  return row < right.length && !Number.isNaN(right[row]);
}

/** Whether results may differ in this: the user says so, or the words follow from another way of asking. */
export function isAllowed(
  name: HashName,
  measured: readonly Measurement[],
  across: readonly Across[],
): boolean {
  if (across.includes(name)) return true;
  if (name !== 'prompt') return false;
  // Renderings that differ are refused before.
  const ways = measured.map((one) => ({ ...one, render: null }));
  return ways.some((one) => ways.some((other) => isRephrased(one, other, across)));
}

/** The different hashes that are known of a row. */
function hashesOf(columns: readonly ItemColumn[], name: HashName, row: number): string[] {
  const known = columns.flatMap(({ hashes }) => hashes[name]?.[row] ?? []);
  return known.length < 2 ? known : [...new Set(known)];
}

function differenceAt(
  columns: readonly ItemColumn[],
  row: number,
  names: readonly HashName[],
): QuestionDifference | null {
  for (const name of names) {
    const [first, second] = hashesOf(columns, name, row);
    if (first !== undefined && second !== undefined) {
      return { across: name, values: [first, second] };
    }
  }
  return null;
}

type OtherQuestions = { items: number; readonly first: FirstDifference };

function addOther(
  others: Map<HashName, OtherQuestions>,
  item: string,
  difference: QuestionDifference,
): void {
  const known = others.get(difference.across);
  if (known === undefined)
    others.set(difference.across, { items: 1, first: { item, ...difference } });
  else known.items += 1;
}

function pickRows(
  ids: readonly string[],
  rows: readonly number[],
  columns: readonly ItemColumn[],
): LadderItems {
  const right = new Float64Array(rows.length * columns.length);
  const answers = new Float64Array(rows.length * columns.length);
  rows.forEach((row, index) => {
    columns.forEach((column, model) => {
      right[index * columns.length + model] = column.right[row] ?? 0;
      answers[index * columns.length + model] = column.answers[row] ?? 1;
    });
  });
  return { ids: rows.map((row) => ids[row] ?? ''), right, answers };
}

function describeMissing(
  task: string,
  checkpoints: readonly string[],
  missing: readonly number[],
): Exclusion[] {
  return checkpoints.flatMap((checkpoint, index) => {
    const items = missing[index] ?? 0;
    return items === 0
      ? []
      : [{ task, checkpoint, items, reason: 'no outcome at this model that others have' }];
  });
}

function describeOthers(task: string, others: ReadonlyMap<HashName, OtherQuestions>): Exclusion[] {
  return [...others].map(([name, { items, first }]) => ({
    ...{ task, checkpoint: null, items, first },
    reason: differenceReasons[name].replace(' (', ' at some models ('),
  }));
}
