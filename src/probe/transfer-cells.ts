import { meanOfKnown, softAuroc } from '../stats/index.ts';
import { averageCells, type CellScores, isRanked } from './cells.ts';
import { evaluateScored, type EvaluationRow, type Outcomes } from './evaluate.ts';
import type { ScoredCheckpoint, ScoringInput } from './scored-checkpoint.ts';

/** Which questions: those that the probe learned from, or those held out. */
export type TransferSplit = 'unseen' | 'seen';

type TransferScores = CellScores & { readonly skill: number | null };

/** One probe on one checkpoint, over the questions of one split. Level errors are shares, 0 to 1. */
export type TransferCell = TransferScores & {
  /** Ids in training order. The scored one is the last of them on the diagonal, where unseen questions alone are listed. */
  readonly trained: readonly string[];
  readonly scored: string;
  readonly split: TransferSplit;
  /** What makes this checkpoint another kind than every trained one: `stage sft, rendering messages`; else null. */
  readonly break: string | null;
  /** Over the questions of all tasks together: what tells tasks apart counts too. */
  readonly pooledAuroc: number | null;
  /** The same of the task's rate at the last trained checkpoint alone: what pooling gives away for nothing. */
  readonly taskPooledAuroc: number | null;
  readonly baselines: {
    readonly persistence: CellScores;
    readonly historyOnly: CellScores;
  };
  /** In order of name; level errors are predicted less measured. */
  readonly tasks: readonly (TransferScores & { readonly task: string })[];
};

type CellPlace = Pick<TransferCell, 'trained' | 'scored' | 'break'>;

/** The cells of one probe on one checkpoint: unseen questions, and seen ones where the checkpoint was not trained on. */
export function transferCells(
  place: CellPlace,
  input: ScoringInput & { readonly outcomes: Outcomes },
  scored: ScoredCheckpoint,
): TransferCell[] {
  const isDiagonal = place.trained.at(-1) === place.scored;
  const splits: TransferSplit[] = isDiagonal ? ['unseen'] : ['unseen', 'seen'];
  const all = evaluateScored(input, scored);
  return splits.flatMap((split) => {
    const rows = all.filter((row) => row.split === split);
    if (rows.length === 0) return [];
    const asked = scored.seen.flatMap((seen, i) =>
      seen === (split === 'seen') && input.outcomes.n[i]! > 0 ? [i] : [],
    );
    const pooled = (values: Float64Array | null) => pooledAuroc(values, asked, input.outcomes);
    return [
      {
        ...{ trained: place.trained, scored: place.scored, split, break: place.break },
        ...meanScores(rows),
        pooledAuroc: pooled(scored.p),
        taskPooledAuroc: pooled(scored.baselines.taskMean),
        baselines: {
          persistence: averageCells(rows.map((row) => row.baselines.persistence)),
          historyOnly: averageCells(rows.map((row) => row.baselines.historyOnly)),
        },
        tasks: rows.map(({ task, auroc, skill, mse, levelError }) => {
          return { task, auroc, skill, mse, levelError };
        }),
      },
    ];
  });
}

/** Means over tasks; the level error is the mean absolute one. */
function meanScores(rows: readonly EvaluationRow[]): TransferScores {
  return { ...averageCells(rows), skill: meanOfKnown(rows.map((row) => row.skill)) };
}

function pooledAuroc(
  values: Float64Array | null,
  rows: readonly number[],
  { k, n }: Outcomes,
): number | null {
  if (values === null) return null;
  const predicted = Float64Array.from(rows, (i) => values[i]!);
  const rates = Float64Array.from(rows, (i) => k[i]! / n[i]!);
  return predicted.includes(NaN) || !isRanked(rates) ? null : softAuroc(predicted, rates);
}

/** How a probe ages: AUROC on unseen questions at the nearest and at the farthest later checkpoint of its kind. */
export type TransferFall = {
  readonly trained: readonly string[];
  /** On held-out questions of the last trained checkpoint itself, mean over its ranked tasks. */
  readonly own: number | null;
  readonly nearest: string;
  readonly farthest: string;
  /** Means over the same tasks: those that are ranked at both. */
  readonly nearestAuroc: number;
  readonly farthestAuroc: number;
  /** Of the same tasks by the probes whose last checkpoint these are: how near they come to a ceiling. */
  readonly nearestOwn: number | null;
  readonly farthestOwn: number | null;
  /** Nearest less farthest. */
  readonly fall: number;
  readonly tasks: number;
};

/** One row a probe that was scored on two or more later checkpoints with tasks ranked at both ends. */
export function transferFall(cells: readonly TransferCell[]): TransferFall[] {
  const rows = new Map<readonly string[], TransferCell[]>();
  for (const cell of cells) {
    if (cell.split !== 'unseen' || cell.break !== null) continue;
    const row = rows.get(cell.trained);
    if (row === undefined) rows.set(cell.trained, [cell]);
    else row.push(cell);
  }
  return [...rows].flatMap(([trained, own]) => {
    const isOwn = (cell: TransferCell): boolean => cell.scored === trained.at(-1);
    const later = own.filter((cell) => !isOwn(cell) && cell.auroc !== null);
    const [near, far] = [later[0], later.at(-1)];
    if (near === undefined || far === undefined || near === far) return [];
    const shared = near.tasks.flatMap(({ task, auroc }) => {
      const other = far.tasks.find((candidate) => candidate.task === task)?.auroc ?? null;
      return auroc === null || other === null ? [] : [{ task, near: auroc, far: other }];
    });
    const nearestAuroc = meanOfKnown(shared.map((pair) => pair.near));
    const farthestAuroc = meanOfKnown(shared.map((pair) => pair.far));
    if (nearestAuroc === null || farthestAuroc === null) return [];
    return [
      {
        ...{ trained, own: own.find(isOwn)?.auroc ?? null },
        ...{ nearest: near.scored, farthest: far.scored, nearestAuroc, farthestAuroc },
        nearestOwn: ownAuroc(cells, near.scored, shared),
        farthestOwn: ownAuroc(cells, far.scored, shared),
        fall: nearestAuroc - farthestAuroc,
        tasks: shared.length,
      },
    ];
  });
}

/** Mean over some tasks on the diagonal. */
function ownAuroc(
  cells: readonly TransferCell[],
  scored: string,
  tasks: readonly { readonly task: string }[],
): number | null {
  const own = cells.find(
    (cell) => cell.scored === scored && cell.trained.at(-1) === scored && cell.split === 'unseen',
  );
  return meanOfKnown(
    tasks.map(({ task }) => own?.tasks.find((one) => one.task === task)?.auroc ?? null),
  );
}
