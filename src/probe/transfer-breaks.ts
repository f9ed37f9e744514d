import { estimateAccuracy, type LabelledQuestions, plainMean } from '../estimate/index.ts';
import { keyedUniform, meanOfKnown } from '../stats/index.ts';
import type { ProbeCheckpoint } from './activations.ts';
import { evaluateScored, type EvaluationRow } from './evaluate.ts';
import { fitProbe } from './fit.ts';
import type { FitData, FitOptions } from './fit-settings.ts';
import type { Kernel } from './kernel.ts';
import { type ScoredCheckpoint, scoreCheckpoint } from './scored-checkpoint.ts';

/** New labels a task. */
const LABELS = 50;

/** Random draws of labelled questions that level errors are means over. */
const DRAWS = 20;

/** Shares and AUROCs, 0 to 1; level errors are absolute. */
export type BreakScores = {
  /** Of the old probe on unseen questions. */
  readonly auroc: number | null;
  /** Of the same questions, after a refit that knows the new labels. */
  readonly refitAuroc: number | null;
  /** The refit's baseline on prompts alone. */
  readonly refitPromptOnlyAuroc: number | null;
  /** Of the old probe on all labelled questions. */
  readonly levelError: number | null;
  /** Of its predictions corrected by the new labels (difference estimator), mean over random draws of these. */
  readonly correctedLevelError: number | null;
  /** Of the mean of the new labels alone: what they are worth without a probe. */
  readonly plainLevelError: number | null;
};

/** What an old probe still says of another stage or rendering, and what new labels repair. Scores are means over tasks. */
export type TransferBreak = BreakScores & {
  readonly trained: readonly string[];
  readonly scored: string;
  readonly break: string;
  /** In order of name; `labels`: new labels of the task, half its questions where it has fewer than twice as many. */
  readonly tasks: readonly (BreakScores & { readonly task: string; readonly labels: number })[];
};

export type BrokenCell = {
  /** The trained checkpoints alone. */
  readonly learned: FitData;
  readonly checkpoint: ProbeCheckpoint;
  readonly break: string;
  /** Scored by the old probe. */
  readonly scored: ScoredCheckpoint;
  readonly fit: FitOptions;
};

/** Scores the old probe, corrects its level and refits it with new labels of the checkpoint. */
export async function repairBreak(cell: BrokenCell, kernel: Kernel): Promise<TransferBreak> {
  const { learned, checkpoint, scored } = cell;
  const { items, layout } = learned;
  const input = { items, checkpoint, layout, random: null, outcomes: checkpoint };
  const old = rowsBy(evaluateScored(input, scored));
  const model = await fitProbe(withNewLabels(cell), cell.fit);
  const refit = rowsBy(evaluateScored(input, await scoreCheckpoint(model, input, kernel)));
  const tasks = [...new Set(items.map((item) => item.task))].sort().flatMap((task) => {
    const labelled = items.flatMap((item, i) =>
      item.task === task && checkpoint.n[i]! > 0 ? [i] : [],
    );
    if (labelled.length < 4) return [];
    const renewed = refit.get(`unseen ${task}`);
    const level = old.get(`all ${task}`)?.levelError ?? null;
    return [
      {
        task,
        labels: labelsOf(labelled.length),
        auroc: old.get(`unseen ${task}`)?.auroc ?? null,
        refitAuroc: renewed?.auroc ?? null,
        refitPromptOnlyAuroc: renewed?.baselines.promptOnly.auroc ?? null,
        levelError: level === null ? null : Math.abs(level),
        ...correctedLevels(cell, labelled),
      },
    ];
  });
  const mean = (name: keyof BreakScores) => meanOfKnown(tasks.map((task) => task[name]));
  return {
    trained: learned.checkpoints.map(({ id }) => id),
    scored: checkpoint.id,
    break: cell.break,
    auroc: mean('auroc'),
    refitAuroc: mean('refitAuroc'),
    refitPromptOnlyAuroc: mean('refitPromptOnlyAuroc'),
    levelError: mean('levelError'),
    correctedLevelError: mean('correctedLevelError'),
    plainLevelError: mean('plainLevelError'),
    tasks,
  };
}

function labelsOf(questions: number): number {
  return Math.min(LABELS, Math.floor(questions / 2));
}

function rowsBy(rows: readonly EvaluationRow[]): Map<string, EvaluationRow> {
  return new Map(rows.map((row) => [`${row.split} ${row.task}`, row]));
}

/** The trained checkpoints and the new one with labels of a few seen questions a task; held-out ones stay unlabelled. */
function withNewLabels({ learned, checkpoint, scored, fit }: BrokenCell): FitData {
  const { items } = learned;
  const n = new Float64Array(items.length);
  for (const task of new Set(items.map((item) => item.task))) {
    const all = items.flatMap((item, i) => (item.task === task && checkpoint.n[i]! > 0 ? [i] : []));
    const open = all.filter((i) => scored.seen[i]);
    const ids = open.map((i) => items[i]!.id);
    const drawn = draw(ids, labelsOf(all.length), `refit ${fit.seed ?? 0}`);
    for (const at of drawn) n[open[at]!] = checkpoint.n[open[at]!]!;
  }
  const k = checkpoint.k.map((right, i) => (n[i]! > 0 ? right : 0));
  return { ...learned, checkpoints: [...learned.checkpoints, { ...checkpoint, k, n }] };
}

function correctedLevels(
  { learned, checkpoint, scored, fit }: BrokenCell,
  rows: readonly number[],
): Pick<BreakScores, 'correctedLevelError' | 'plainLevelError'> {
  const pick = (values: Float64Array) => Float64Array.from(rows, (i) => values[i]!);
  const [predicted, k, n] = [pick(scored.p), pick(checkpoint.k), pick(checkpoint.n)];
  const truth = meanOfKnown(Array.from(k, (right, i) => right / n[i]!)) ?? 0;
  const ids = rows.map((i) => learned.items[i]!.id);
  const errors = Array.from({ length: DRAWS }, (_, seed) => {
    const drawn = draw(ids, labelsOf(rows.length), `level ${fit.seed ?? 0} ${seed}`);
    const asked = new Float64Array(rows.length);
    for (const at of drawn) asked[at] = n[at]!;
    const known = k.map((right, i) => (asked[i]! > 0 ? right : 0));
    const questions: LabelledQuestions = { predicted, k: known, n: asked };
    const of = (estimate: { readonly estimate: number } | null) =>
      estimate === null ? null : Math.abs(estimate.estimate - truth);
    return {
      corrected: of(estimateAccuracy(questions, { level: 0.9, lambda: 1 })),
      plain: of(plainMean(questions, { level: 0.9 })),
    };
  });
  return {
    correctedLevelError: meanOfKnown(errors.map(({ corrected }) => corrected)),
    plainLevelError: meanOfKnown(errors.map(({ plain }) => plain)),
  };
}

/** Places of `count` random ids; all of them where there are no more. */
function draw(ids: readonly string[], count: number, key: string): number[] {
  const at = ids.map((id) => keyedUniform('transfer', key, id));
  return [...ids.keys()].sort((a, b) => at[a]! - at[b]!).slice(0, count);
}
