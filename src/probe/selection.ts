import { averageCells, type CellScores, scoreCell } from './cells.ts';
import type { FittedProbe, Probe } from './estimator.ts';
import { foldOf } from './folds.ts';
import { fitHead, type Head, type HeadSpec, predictHead } from './head.ts';
import { latestLabelled } from './history.ts';
import type { Kernel } from './kernel.ts';
import type { LogisticOptions } from './logistic.ts';
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
  readonly estimator: Probe<LogisticOptions>;
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
  components: readonly Float32Array[] | null,
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
    const head = await fitOn(validation, spec, { components, checkpoints, known, scope });
    if (head === null) continue;
    scores.push(
      ...scoreAt(validation, head, {
        components,
        checkpoint: latest,
        cut: latest - 1,
        items: trainableItems(set, (i) => !known(i)),
        known,
      }),
    );
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
  components: readonly Float32Array[] | null,
): Promise<CellScores> {
  const { set } = validation;
  const latest = set.checkpoints.length - 1;
  const known = () => true;
  const on = { components, checkpoints: indices(latest), known, scope: 'seen' };
  const head = await fitOn(validation, spec, on);
  if (head === null) return { auroc: null, mse: null, levelError: null };
  const items = trainableItems(set, known);
  const scores = [latest - 1, Math.max(0, latest - 2)].flatMap((cut) =>
    scoreAt(validation, head, { components, checkpoint: latest, cut, items, known }),
  );
  return averageCells(scores);
}

type View = {
  readonly components: readonly Float32Array[] | null;
  readonly known: (item: number) => boolean;
};

function fitOn(
  { set, estimator, kernel, starts }: Validation,
  spec: HeadSpec,
  {
    components,
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
  return fitHead({ set, components, history, checkpoints, items }, spec, {
    estimator,
    kernel,
    tolerance: ROUGH,
    starts,
    scope,
  });
}

function scoreAt(
  { set }: Validation,
  head: Head,
  at: View & { checkpoint: number; cut: number; items: Int32Array },
): CellScores[] {
  const history = historyOf(set, at.known);
  return set.tasks.flatMap((_, task) => {
    const items = at.items.filter(
      (i) =>
        set.task[i] === task &&
        set.n[at.checkpoint * set.items.length + i]! > 0 &&
        (head.spec.history !== 'item' || latestLabelled(history, i, at.cut) >= 0),
    );
    if (items.length === 0) return [];
    const predicted = predictHead(head, {
      components: at.components?.[at.checkpoint] ?? null,
      output: set.output?.[at.checkpoint] ?? null,
      history,
      cut: at.cut,
      position: set.timeline.fitted[at.checkpoint]!,
      items,
      task: new Int32Array(items.length).fill(task),
    });
    return [scoreCell(predicted, ratesOf(set, at.checkpoint, items))];
  });
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
