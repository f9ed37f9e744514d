import {
  type AccuracyEstimate,
  type Choice,
  estimateAccuracy,
  estimateFromDesign,
  type LabelledQuestions,
  plainMean,
} from '../estimate/index.ts';
import { mean } from '../stats/index.ts';
import { accuracyInterval } from './accuracy-interval.ts';
import { breakOf } from './break-of.ts';
import { driftStatus, type ProbeStatus } from './drift.ts';
import { createKernel } from './kernel.ts';
import type { Outcomes } from './evaluate.ts';
import { BASELINES, type BaselineName, type ProbeModel } from './probe-model.ts';
import {
  knownRows,
  type ScoredCheckpoint,
  scoreCheckpoint,
  type ScoringInput,
} from './scored-checkpoint.ts';

/** A task's predicted accuracy over the items that were scored. */
export type TaskPrediction = {
  readonly task: string;
  readonly items: number;
  readonly predicted: number;
  readonly low: number;
  readonly high: number;
  /** Coverage that `low` and `high` aim at. */
  readonly level: number;
  readonly method: string;
  readonly baselines: Readonly<Record<BaselineName, number | null>>;
  readonly status: ProbeStatus;
  /** What labels made of it, which `predicted` and the interval are then; null where none were used. */
  readonly corrected: CorrectedByLabels | null;
};

export type CorrectedByLabels = {
  /** From predictions and labels. */
  readonly estimate: AccuracyEstimate;
  /** From the same labels without predictions, taken to be a random subset. */
  readonly plain: AccuracyEstimate;
};

/** Outcomes of some items at the scored checkpoint, n = 0 elsewhere. */
export type Labels = Outcomes & {
  /**
   * How a task's labelled items were chosen, places in the order of the task's items; for a task without, they are taken
   * to be a random subset.
   */
  readonly choices?: ReadonlyMap<string, Choice>;
};

export type CheckpointPrediction = {
  readonly checkpoint: string;
  readonly probe: string;
  /** In order of name. */
  readonly tasks: readonly TaskPrediction[];
  readonly items: readonly { readonly task: string; readonly item: string; readonly p: number }[];
};

export type PredictOptions = {
  readonly threads?: number;
  /**
   * A task with two or more of them gets its estimate corrected by them; the model must not have been fitted to them.
   * Without, no outcome of the scored checkpoint is seen.
   */
  readonly labels?: Labels;
};

/** Predicts pass@1 of every item and task. Tasks without any item are not listed. */
export async function predictCheckpoint(
  model: ProbeModel,
  input: ScoringInput,
  options: PredictOptions = {},
): Promise<CheckpointPrediction> {
  await using kernel = await createKernel(
    options.threads === undefined ? {} : { threads: options.threads },
  );
  const scored = await scoreCheckpoint(model, input, kernel);
  return summarisePrediction(model, { ...input, labels: options.labels ?? null }, scored);
}

type LabelledInput = ScoringInput & { readonly labels?: Labels | null };

/** Task estimates from item predictions. */
export function summarisePrediction(
  model: ProbeModel,
  input: LabelledInput,
  scored: ScoredCheckpoint,
): CheckpointPrediction {
  const statuses = statusByTask(model, input, scored);
  const tasks = [...new Set(input.items.map((item) => item.task))].sort();
  return {
    checkpoint: input.checkpoint.id,
    probe: model.card.name,
    tasks: tasks.map((task) =>
      taskPrediction(model, input, { scored, task, status: statuses.get(task) ?? 'remeasure' }),
    ),
    items: input.items.map(({ task, id }, i) => ({ task, item: id, p: scored.p[i]! })),
  };
}

function taskPrediction(
  model: ProbeModel,
  input: LabelledInput,
  { scored, task, status }: { scored: ScoredCheckpoint; task: string; status: ProbeStatus },
): TaskPrediction {
  const { errorModel } = model.card;
  const rows = input.items.flatMap((item, i) => (item.task === task ? [i] : []));
  const average = (values: Float64Array) =>
    rows.reduce((sum, i) => sum + values[i]!, 0) / rows.length;
  const predicted = average(scored.p);
  const { low, high } = accuracyInterval(errorModel, predicted, scored.horizon);
  const baselines = Object.fromEntries(
    BASELINES.map((name) => {
      return [name, mean(knownRows(scored.baselines[name], rows) ?? [])];
    }),
  ) as Record<BaselineName, number | null>;
  const own = { items: rows.length, baselines, status };
  const corrected = correctedByLabels(input.labels ?? null, { task, rows, p: scored.p });
  if (corrected === null) {
    const { level, method } = errorModel;
    return { task, ...own, level, predicted, low, high, method, corrected };
  }
  const { estimate, ...rest } = corrected.estimate;
  const { low: lower, high: upper, level, method } = rest;
  return { task, ...own, level, predicted: estimate, low: lower, high: upper, method, corrected };
}

/** Coverage of intervals from labels. */
const LEVEL = 0.9;

function correctedByLabels(
  labels: Labels | null,
  { task, rows, p }: { task: string; rows: readonly number[]; p: Float64Array },
): CorrectedByLabels | null {
  if (labels === null) return null;
  const pick = (values: Float64Array) => Float64Array.from(rows, (i) => values[i]!);
  const choice = labels.choices?.get(task) ?? null;
  // Labels of other questions than the chosen ones have no known probability.
  const chosen = choice === null ? null : new Set(choice.places);
  const n = pick(labels.n).map((answers, i) => (chosen?.has(i) === false ? 0 : answers));
  const k = pick(labels.k).map((right, i) => (n[i]! > 0 ? right : 0));
  const used = { predicted: pick(p), k, n };
  const plain = plainMean(used, { level: LEVEL });
  const estimate = estimateOf(choice, used);
  return estimate === null || plain === null ? null : { estimate, plain };
}

function estimateOf(choice: Choice | null, questions: LabelledQuestions): AccuracyEstimate | null {
  // Where every question is labelled there is nothing left to predict, nor to weight.
  if (questions.n.every((answers) => answers > 0)) return plainMean(questions, { level: LEVEL });
  return choice === null
    ? estimateAccuracy(questions, { level: LEVEL })
    : estimateFromDesign(choice, questions, { level: LEVEL });
}

/**
 * `remeasure`: stage or rendering differs from every fitted checkpoint's, or the task was never fitted. Otherwise the
 * unlabelled rule of `driftStatus`. An unknown stage or rendering agrees with anything.
 */
function statusByTask(
  { card, drift }: ProbeModel,
  { checkpoint }: ScoringInput,
  { driftComponents, task }: ScoredCheckpoint,
): Map<string, ProbeStatus> {
  if (breakOf(card.checkpoints, checkpoint) !== null) return new Map();
  const moved =
    drift === null || driftComponents === null ? null : driftStatus(drift, driftComponents, task);
  return new Map(card.tasks.map((name, t) => [name, moved?.[t] ?? 'ok']));
}
