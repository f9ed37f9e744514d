import { UserError } from '../error/index.ts';
import type { ProbeCheckpoint } from './activations.ts';
import { fitProbe } from './fit.ts';
import type { FitData, FitOptions } from './fit-settings.ts';
import { createKernel, type Kernel } from './kernel.ts';
import { scoreCheckpoint } from './scored-checkpoint.ts';
import { breakOf, type RopeSettings } from './break-of.ts';
import { repairBreak, type TransferBreak } from './transfer-breaks.ts';
import {
  type TransferCell,
  transferCells,
  type TransferFall,
  transferFall,
} from './transfer-cells.ts';
import { type LeaveTaskOut, leaveTaskOut } from './transfer-tasks.ts';

/** Each row's probe learns from all checkpoints up to its own, or from that one alone. */
export type TransferTrain = 'upto' | 'one';

export type TransferOptions = {
  /** @default 'upto' */
  readonly train?: TransferTrain;
  /** @default 0.4 */
  readonly holdout?: number;
  /** @default 0 */
  readonly seed?: number;
  /** Also fit without each task in turn, on the row in the middle of the series. @default false */
  readonly leaveTaskOut?: boolean;
  readonly rope?: RopeSettings;
  /** Options of every fit beside name, seed and holdout. */
  readonly fit?: Partial<FitOptions>;
  /** Fits done, of all that there will be. */
  readonly onProgress?: (done: number, total: number) => void;
};

export type TransferResult = {
  /** By row, then by scored checkpoint; first the diagonal. */
  readonly cells: readonly TransferCell[];
  readonly fall: readonly TransferFall[];
  /** Of every checkpoint of another kind: the last probe that knew none of its kind. */
  readonly breaks: readonly TransferBreak[];
  readonly leftOut: LeaveTaskOut | null;
};

/** A row of the matrix: what its probe learns from and what it is scored on. */
type Row = {
  readonly learned: FitData;
  /** The last trained checkpoint and all behind it. */
  readonly scored: readonly {
    readonly checkpoint: ProbeCheckpoint;
    readonly break: string | null;
  }[];
  /** Ids of those whose repair is tried from this row. */
  readonly repairs: ReadonlySet<string>;
};

/**
 * Earlier predicts later as a matrix: a probe a row, scored on held-out questions of its last checkpoint and on every
 * later one. The diagonal shows what a probe gets that was fitted on the checkpoint itself, which it scores as a fitted
 * one, without history. `data.checkpoints` must all be labelled, in training order.
 *
 * @throws UserError for fewer than two checkpoints, and for fewer than two tasks where each is to be left out.
 */
export async function runTransfer(
  data: FitData,
  options: TransferOptions = {},
): Promise<TransferResult> {
  const { holdout = 0.4, seed = 0, onProgress = () => undefined } = options;
  const tasks = checkSize(data, options);
  const rows = planRows(data, options);
  const refits = rows.reduce((sum, row) => sum + row.repairs.size, 0);
  const total = rows.length + refits + (options.leaveTaskOut === true ? tasks : 0);
  let done = 0;
  const onFit = () => onProgress((done += 1), total);
  onProgress(0, total);
  // The replay behind the intervals is not looked at here.
  const fit = { name: 'transfer', seed, holdout, complete: false, ...options.fit };
  await using kernel = await createKernel(
    fit.threads === undefined ? {} : { threads: fit.threads },
  );
  const cells: TransferCell[] = [];
  const breaks: TransferBreak[] = [];
  let leftOut: LeaveTaskOut | null = null;
  const middle = Math.min(Math.floor(rows.length / 2), rows.length - 2);
  for (const [index, row] of rows.entries()) {
    const own = await runRow(row, { fit, kernel, onFit });
    cells.push(...own.cells);
    breaks.push(...own.breaks);
    if (options.leaveTaskOut !== true || index !== middle) continue;
    const later = data.checkpoints.slice(index + 1);
    const about = { learned: row.learned, later, cells: own.cells, fit, onFit };
    leftOut = await leaveTaskOut(about, kernel);
  }
  return { cells, fall: transferFall(cells), breaks, leftOut };
}

/** The number of tasks. */
function checkSize({ checkpoints, items }: FitData, options: TransferOptions): number {
  if (checkpoints.length < 2) {
    throw new UserError(
      `transfer: expected two or more labelled checkpoints, got ${checkpoints.length}; name a later one to score`,
    );
  }
  const tasks = new Set(items.map((item) => item.task)).size;
  if (options.leaveTaskOut === true && tasks < 2) {
    throw new UserError(
      `transfer: expected two or more tasks to leave one out, got ${tasks}; name more, or do not leave one out`,
    );
  }
  return tasks;
}

function planRows(data: FitData, { train = 'upto', rope = new Map() }: TransferOptions): Row[] {
  const { checkpoints } = data;
  const rows = checkpoints.map((_, row) => {
    const trained = checkpoints.slice(train === 'upto' ? 0 : row, row + 1);
    const scored = checkpoints.slice(row).map((checkpoint) => {
      return { checkpoint, break: breakOf(trained, checkpoint, rope) };
    });
    return { learned: { ...data, checkpoints: trained, random: null }, scored };
  });
  const lastBroken = new Map(
    rows.flatMap(({ scored }, row) =>
      scored.flatMap(({ checkpoint, break: kind }) =>
        kind === null ? [] : [[checkpoint.id, row] as const],
      ),
    ),
  );
  return rows.map((row, index) => ({
    ...row,
    repairs: new Set([...lastBroken].flatMap(([id, last]) => (last === index ? [id] : []))),
  }));
}

async function runRow(
  { learned, scored, repairs }: Row,
  { fit, kernel, onFit }: { fit: FitOptions; kernel: Kernel; onFit: () => void },
): Promise<{ cells: TransferCell[]; breaks: TransferBreak[] }> {
  const model = await fitProbe(learned, fit);
  const trained = learned.checkpoints.map(({ id }) => id);
  const cells: TransferCell[] = [];
  const breaks: TransferBreak[] = [];
  onFit();
  for (const { checkpoint, break: kind } of scored) {
    const { items, layout } = learned;
    const input = { items, checkpoint, layout, random: null, outcomes: checkpoint };
    const result = await scoreCheckpoint(model, input, kernel);
    cells.push(...transferCells({ trained, scored: checkpoint.id, break: kind }, input, result));
    if (kind === null || !repairs.has(checkpoint.id)) continue;
    const broken = { learned, checkpoint, break: kind, scored: result, fit };
    breaks.push(await repairBreak(broken, kernel));
    onFit();
  }
  return { cells, breaks };
}
