/** A made-up ladder whose items follow a law, as rows of a record file. */

/** Columns of a row; what is not named is empty. */
export type LadderRow = Readonly<Record<string, string | number | null>>;

export type MadeUpLadder = {
  /** Training FLOPs by checkpoint. */
  readonly models: Readonly<Record<string, number>>;
  readonly tasks: readonly string[];
  /** Items a task; 0 for results of whole tasks, of 1,000 answers. @default 20 */
  readonly items?: number;
  /** Answers an item. @default 50 */
  readonly answers?: number;
  /** Columns that every row has. */
  readonly facts?: LadderRow;
};

/** Five models, each with four times the compute of the one before, and a target. */
export const fiveModels: Readonly<Record<string, number>> = {
  m1: 1e18,
  m2: 4e18,
  m3: 16e18,
  m4: 64e18,
  m5: 256e18,
};
export const largeModel: Readonly<Record<string, number>> = { big: 1024e18 };

/** One row an item (or task) and model: an exponential law in compute, harder with the item's number, no noise. */
export function ladderRows({
  models,
  tasks,
  items = 20,
  answers = 50,
  facts = {},
}: MadeUpLadder): LadderRow[] {
  const rows: LadderRow[] = [];
  for (const [checkpoint, flops] of Object.entries(models)) {
    for (const [place, task] of tasks.entries()) {
      const shared = { suite: 'made-up', task, checkpoint, flops, chance: 0, ...facts };
      const rate = (difficulty: number): number =>
        Math.exp(-(0.5 + difficulty + 0.2 * place) * (flops / 1e18) ** -0.3);
      if (items === 0) rows.push({ ...shared, k: Math.round(1000 * rate(1)), n: 1000 });
      for (let item = 0; item < items; item += 1) {
        const k = Math.round(answers * rate((3 * item) / items));
        rows.push({ ...shared, item: `${task}-${String(item).padStart(4, '0')}`, k, n: answers });
      }
    }
  }
  return rows;
}

/** Rows as a CSV file of outcome records. */
export function toCsv(rows: readonly LadderRow[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = rows.map((row) => columns.map((column) => String(row[column] ?? '')).join(','));
  return `${[columns.join(','), ...lines].join('\n')}\n`;
}
