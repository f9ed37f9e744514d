import type { TransferCell, TransferDetail } from '../../../../src/wire/index.ts';

/** Whose score a matrix shows: the probe's, or one that was to be had without states. */
export const speakers = ['probe', 'persistence', 'historyOnly'] as const;
export type Speaker = (typeof speakers)[number];

export const speakerNames: Readonly<Record<Speaker, string>> = {
  probe: 'probe',
  persistence: 'persistence',
  historyOnly: 'history only',
};

/** What of a matrix is looked at. */
export type TransferView = {
  readonly score: 'auroc' | 'levelError';
  readonly by: Speaker;
  readonly split: 'seen' | 'unseen';
  /** Null: the mean over all. */
  readonly task: string | null;
};

export type TransferGrid = {
  readonly names: readonly string[];
  readonly cell: (row: number, column: number) => TransferCell | undefined;
  /** What the view asks for. */
  readonly value: (row: number, column: number) => number | null;
};

/** Rows and columns are the matrix's checkpoints, named without their run where that tells them apart. */
export function transferGrid(
  { checkpoints, cells }: Pick<TransferDetail, 'checkpoints' | 'cells'>,
  view: TransferView,
  short: (checkpoint: string) => string,
): TransferGrid {
  const shortNames = checkpoints.map(short);
  const names = new Set(shortNames).size === checkpoints.length ? shortNames : checkpoints;
  const own = cells.filter(({ split }) => split === view.split);
  const byPlace = new Map(own.map((cell) => [`${cell.trained}\n${cell.scored}`, cell]));
  const cell: TransferGrid['cell'] = (row, column) =>
    byPlace.get(`${checkpoints[row] ?? ''}\n${checkpoints[column] ?? ''}`);
  return {
    ...{ names, cell },
    value: (row, column) => {
      const found = cell(row, column);
      return found === undefined ? null : scoreOf(found, view);
    },
  };
}

/** Without its sign, as the mean over tasks has none. */
function scoreOf(cell: TransferCell, { score, by, task }: TransferView): number | null {
  if (by !== 'probe') return cell.baselines[by][score];
  const scores = task === null ? cell : cell.tasks.find((one) => one.task === task);
  const value = scores?.[score] ?? null;
  return value === null ? null : Math.abs(value);
}
