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
import { type ProbeStatus, type TaskDrift, taskDrifts } from './drift.ts';
import { createKernel } from './kernel.ts';
import type { Outcomes } from './evaluate.ts';
import { BASELINES, type BaselineName, type ProbeModel } from './probe-model.ts';
import { type Refit, refitToLabels } from './refit.ts';
import { type Remeasure, remeasureAdvice } from './remeasure.ts';
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
  /** Why the status is not `ok`: the break, or the drift signals beyond their limits; null where it is. */
  readonly reason: string | null;
  /** Labels that would make the interval short; null where labels made it already. */
  readonly remeasure: Remeasure | null;
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
  readonly items: readonly ItemPrediction[];
};

export type ItemPrediction = {
  readonly task: string;
  readonly item: string;
  /** From everything but outcomes of this checkpoint; estimates are made of it. */
  readonly p: number;
  /** After a refit to these, for a question with a label without its own; null where there was none. */
  readonly refitted: number | null;
};

export type PredictOptions = {
  readonly threads?: number;
  /**
   * A task with two or more of them gets its estimate corrected by them; the model must not have been fitted to them.
   * Without, no outcome of the scored checkpoint is seen.
   */
  readonly labels?: Labels;
  /**
   * `prior` refits the probabilities of tasks with two or more labels to these, held back towards the probe's; see
   * `refitToLabels`. Estimates are still made of the probe's own, for of refitted ones they are no better
   * (docs/probing.md). Nothing without labels. @default 'prior'
   */
  readonly refit?: Refit;
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
  const { labels = null, refit = 'prior' } = options;
  const scored = await scoreCheckpoint(model, input, kernel);
  const summary = summarisePrediction(model, { ...input, labels }, scored);
  if (labels === null || refit === 'none') return summary;
  const { p, frame } = scored;
  const about = { items: input.items, labels, head: model.heads.plain, frame, p };
  const refitted = await refitToLabels(about, kernel);
  return {
    ...summary,
    items: summary.items.map((item, i) => ({ ...item, refitted: refitted[i]! })),
  };
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
      taskPrediction(model, input, { scored, task, drift: statuses.get(task) ?? NEVER_FITTED }),
    ),
    items: input.items.map(({ task, id }, i) => ({
      ...{ task, item: id, p: scored.p[i]! },
      refitted: null,
    })),
  };
}

function taskPrediction(
  model: ProbeModel,
  input: LabelledInput,
  { scored, task, drift }: { scored: ScoredCheckpoint; task: string; drift: TaskStatus },
): TaskPrediction {
  const { errorModel, labelling } = model.card;
  const { status, reason } = drift;
  const rows = input.items.flatMap((item, i) => (item.task === task ? [i] : []));
  const average = (values: Float64Array) =>
    rows.reduce((sum, i) => sum + values[i]!, 0) / rows.length;
  const predicted = average(scored.p);
  const interval = accuracyInterval(errorModel, predicted, {
    horizon: scored.horizon,
    widening: Math.max(1, drift.excess),
    isBroken: status === 'remeasure',
  });
  const baselines = Object.fromEntries(
    BASELINES.map((name) => {
      return [name, mean(knownRows(scored.baselines[name], rows) ?? [])];
    }),
  ) as Record<BaselineName, number | null>;
  const own = { items: rows.length, baselines, status, reason };
  const corrected = correctedByLabels(input.labels ?? null, { task, rows, p: scored.p });
  if (corrected === null) {
    const { level, method } = errorModel;
    const about = { items: rows.length, interval, level, isOk: status === 'ok' };
    const remeasure = remeasureAdvice(labelling[task] ?? UNKNOWN, about);
    return { task, ...own, level, predicted, ...interval, method, remeasure, corrected };
  }
  const { estimate, ...rest } = corrected.estimate;
  const { low: lower, high: upper, level, method } = rest;
  const ends = { low: lower, high: upper };
  return {
    task,
    ...own,
    level,
    predicted: estimate,
    ...ends,
    method,
    remeasure: null,
    corrected,
  };
}

/** What is left to label in a task that was never fitted: a coin. */
const UNKNOWN = { left: 1, noise: 0 };

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

/** No error of the past says anything of its level: its interval is everything. */
const NEVER_FITTED = {
  status: 'remeasure',
  reason: 'the task was never fitted',
  excess: Infinity,
} as const;

type TaskStatus = Omit<TaskDrift, 'status'> & { readonly status: ProbeStatus };

/**
 * `remeasure`: stage or rendering differs from every fitted checkpoint's, or the task was never fitted. Otherwise what the
 * drift signals say. An unknown stage or rendering agrees with anything.
 */
function statusByTask(
  { card, drift: reference }: ProbeModel,
  { checkpoint }: ScoringInput,
  { drift }: ScoredCheckpoint,
): Map<string, TaskStatus> {
  const broken = breakOf(card.checkpoints, checkpoint);
  const isTold = drift !== null && reference !== null && card.drift !== null;
  const drifts = isTold ? taskDrifts(card.drift, reference, drift) : [];
  return new Map<string, TaskStatus>(
    card.tasks.map((name, t) => {
      const own: TaskStatus = drifts[t] ?? { status: 'ok', reason: null, excess: 0 };
      if (broken === null) return [name, own];
      const reason = [`no fitted checkpoint has ${broken}`, own.reason]
        .filter((part) => part !== null)
        .join('; ');
      return [name, { ...own, status: 'remeasure', reason }];
    }),
  );
}
