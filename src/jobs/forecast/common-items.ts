import type { LadderItems } from '../../forecast/index.ts';
import type { Exclusion } from './exclusion.ts';
import type { ItemColumn, TaskOutcomes } from './outcome-table.ts';

/** The questions that every model of a ladder was asked, in the same words. */
export type CommonItems = {
  /** By id, ascending. */
  readonly items: LadderItems;
  /** First 16 digits of the hash of what was asked, by item; null where no record tells. */
  readonly prompts: readonly (string | null)[] | null;
  readonly exclusions: readonly Exclusion[];
};

export const promptDigits = 16;

/** Columns are those of the checkpoints, in the same order. */
export function commonItems(
  task: TaskOutcomes,
  checkpoints: readonly string[],
  columns: readonly ItemColumn[],
): CommonItems {
  const kept: number[] = [];
  const missing = columns.map(() => 0);
  let changed = 0;
  for (let row = 0; row < task.items.length; row += 1) {
    const asked = columns.filter((column) => isAsked(column, row)).length;
    if (asked === 0) continue;
    if (asked < columns.length) {
      columns.forEach((column, index) => {
        if (!isAsked(column, row)) missing[index] = (missing[index] ?? 0) + 1;
      });
    } else if (promptsOf(columns, row).length > 1) changed += 1;
    else kept.push(row);
  }
  const { items: ids } = task;
  const order = kept.sort((a, b) => ((ids[a] ?? '') < (ids[b] ?? '') ? -1 : 1));
  return {
    items: pickRows(ids, order, columns),
    prompts: columns.some(({ prompts }) => prompts !== null)
      ? order.map((row) => promptsOf(columns, row)[0]?.slice(0, promptDigits) ?? null)
      : null,
    exclusions: describeLeftOut(task.task, checkpoints, { missing, changed }),
  };
}

export function isAsked({ right }: ItemColumn, row: number): boolean {
  return row < right.length && !Number.isNaN(right[row]);
}

/** The different hashes that are known of a row. */
function promptsOf(columns: readonly ItemColumn[], row: number): string[] {
  const known = columns.flatMap(({ prompts }) => prompts?.[row] ?? []);
  return known.length < 2 ? known : [...new Set(known)];
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

function describeLeftOut(
  task: string,
  checkpoints: readonly string[],
  { missing, changed }: { missing: readonly number[]; changed: number },
): Exclusion[] {
  const exclusions: Exclusion[] = checkpoints.flatMap((checkpoint, index) => {
    const items = missing[index] ?? 0;
    return items === 0
      ? []
      : [{ task, checkpoint, items, reason: 'no outcome at this model that others have' }];
  });
  if (changed > 0) {
    const reason = 'asked in other words at some models (prompt_sha256 differs)';
    exclusions.push({ task, checkpoint: null, items: changed, reason });
  }
  return exclusions;
}
