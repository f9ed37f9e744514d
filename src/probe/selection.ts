import { averageCells, type CellScores, scoreCell } from './cells.ts';
import type { FittedProbe } from './estimator.ts';
import { foldOf } from './folds.ts';
import { fitHead, type Head, type HeadSpec, predictHead } from './head.ts';
import { latestLabelled } from './history.ts';
import type { Kernel } from './kernel.ts';
import type { StateView } from './representation.ts';
import { historyOf, trainableItems, type TrainingSet } from './training-set.ts';

/** One line of the selection table. */
export type SelectionRow = {
  /** What was being chosen: `representation`, `unseen`, `seen`, … */
  readonly stage: string;
  readonly candidate: string;
  readonly auroc: number | null;
  readonly mse: number | null;
  readonly levelError: number | null;
  /** AUROC less mean squared error, the criterion: ranking and level both count. */
  readonly score: number | null;
  readonly chosen: boolean;
};

export type Validation = {
  readonly set: TrainingSet;
  readonly kernel: Kernel;
  readonly seed: number;
  /** Earlier fits to begin from, by what they have seen: one that saw more would carry it into the new one. */
  readonly starts: Map<string, FittedProbe>;
};

/** A later candidate must beat the ones before it by this much: differences below it are noise on one checkpoint. */
const MARGIN = 0.004;

/** Newton tolerance while candidates are compared. */
const ROUGH = 1e-4;

const FOLDS = 3;

/**
 * How well a head predicts questions that it never saw at the latest labelled checkpoint, learned from the earlier
 * ones (from the same one, by cross-validation, where there is only one): two of three folds of the questions are
 * learned from, the third is scored.
 */
export async function validateUnseen(
  validation: Validation,
  spec: HeadSpec,
  views: readonly StateView[] | null,
): Promise<CellScores> {
  const { set, seed } = validation;
  const latest = set.checkpoints.length - 1;
  const fold = foldOf(set.items, FOLDS, seed);
  const rounds = latest === 0 ? FOLDS : 1;
  const scores: CellScores[] = [];
  for (let held = 0; held < rounds; held += 1) {
    const known = (item: number) => fold[item] !== held;
    const checkpoints = latest === 0 ? [0] : indices(latest);
    const scope = `unseen ${held}`;
    const head = await fitOn(validation, spec, { views, checkpoints, known, scope });
    if (head === null) continue;
    const items = trainableItems(set, (i) => !known(i));
    const at = { views, checkpoint: latest, cut: latest - 1, items, known };
    scores.push(...(await scoreAt(validation, head, at)));
  }
  return averageCells(scores);
}

/**
 * How well a head with history predicts the latest labelled checkpoint for questions known at the earlier ones. One
 * that is not known up to a cut goes to another head, and does not count there.
 */
export async function validateSeen(
  validation: Validation,
  spec: HeadSpec,
  views: readonly StateView[] | null,
): Promise<CellScores> {
  const { set } = validation;
  const latest = set.checkpoints.length - 1;
  const known = () => true;
  const on = { views, checkpoints: indices(latest), known, scope: 'seen' };
  const head = await fitOn(validation, spec, on);
  if (head === null) return { auroc: null, mse: null, levelError: null };
  const items = trainableItems(set, known);
  const scores: CellScores[] = [];
  for (const cut of [latest - 1, Math.max(0, latest - 2)]) {
    const at = { views, checkpoint: latest, cut, items, known };
    scores.push(...(await scoreAt(validation, head, at)));
  }
  return averageCells(scores);
}

type View = {
  readonly views: readonly StateView[] | null;
  readonly known: (item: number) => boolean;
};

function fitOn(
  { set, seed, kernel, starts }: Validation,
  spec: HeadSpec,
  {
    views,
    known,
    checkpoints,
    scope,
  }: View & {
    checkpoints: readonly number[];
    scope: string;
  },
): Promise<Head | null> {
  const items = trainableItems(set, known);
  const history = historyOf(set, known);
  return fitHead({ set, views, history, checkpoints, items }, spec, {
    kernel,
    seed,
    tolerance: ROUGH,
    starts,
    scope,
  });
}

async function scoreAt(
  { set, kernel }: Validation,
  head: Head,
  at: View & { checkpoint: number; cut: number; items: Int32Array },
): Promise<CellScores[]> {
  const history = historyOf(set, at.known);
  const scores: CellScores[] = [];
  for (const task of set.tasks.keys()) {
    const items = at.items.filter(
      (i) =>
        set.task[i] === task &&
        set.n[at.checkpoint * set.items.length + i]! > 0 &&
        (head.spec.history !== 'item' || latestLabelled(history, i, at.cut) >= 0),
    );
    if (items.length === 0) continue;
    const segment = {
      view: at.views?.[at.checkpoint] ?? null,
      columns: set.columns[at.checkpoint]!,
      history,
      cut: at.cut,
      position: set.timeline.fitted[at.checkpoint]!,
      items,
      task: new Int32Array(items.length).fill(task),
    };
    const predicted = await predictHead(head, segment, kernel);
    scores.push(scoreCell(predicted, ratesOf(set, at.checkpoint, items)));
  }
  return scores;
}

/** Measured rates of some items at a checkpoint; all of them must be labelled. */
export function ratesOf(set: TrainingSet, checkpoint: number, items: Int32Array): Float64Array {
  return Float64Array.from(items, (i) => {
    const at = checkpoint * set.items.length + i;
    return set.k[at]! / set.n[at]!;
  });
}

/** 0 … count − 1. */
export function indices(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** Scores candidates in order and chooses; the first stands unless a later one beats it by the margin. */
export async function choose<T>(
  stage: string,
  candidates: readonly { readonly name: string; readonly value: T }[],
  score: (value: T) => Promise<CellScores>,
): Promise<{ value: T; table: SelectionRow[] }> {
  const results: (CellScores & { name: string; score: number | null })[] = [];
  let best = 0;
  for (const [i, { name, value }] of candidates.entries()) {
    const cells = await score(value);
    const criterion = cells.mse === null ? null : (cells.auroc ?? 0.5) - cells.mse;
    results.push({ ...cells, name, score: criterion });
    const leader = results[best]!.score;
    if (criterion !== null && (leader === null || criterion > leader + MARGIN)) best = i;
  }
  const table = results.map(({ name, auroc, mse, levelError, score: criterion }, i) => ({
    stage,
    candidate: name,
    auroc,
    mse,
    levelError,
    score: criterion,
    chosen: i === best,
  }));
  return { value: candidates[best]!.value, table };
}
