import { mean } from '../stats/index.ts';
import { accuracyInterval } from './accuracy-interval.ts';
import { driftStatus, type ProbeStatus } from './drift.ts';
import { createKernel } from './kernel.ts';
import { labelledEstimate } from './labelled-estimate.ts';
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
   * Outcomes of some items at the scored checkpoint (n = 0 elsewhere): a task with two or more gets its estimate
   * corrected by them. Without, no outcome of the scored checkpoint is seen.
   */
  readonly labels?: Outcomes;
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

type LabelledInput = ScoringInput & { readonly labels?: Outcomes | null };

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
  const { level, method } = errorModel;
  const labels = input.labels ?? null;
  const pick = (values: Float64Array) => Float64Array.from(rows, (i) => values[i]!);
  const corrected =
    labels === null
      ? null
      : labelledEstimate(pick(scored.p), { k: pick(labels.k), n: pick(labels.n) }, level);
  const estimate = corrected ?? { predicted, low, high, method };
  return { task, items: rows.length, level, ...estimate, baselines, status };
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
  const agrees = (field: 'stage' | 'rendering') =>
    checkpoint[field] === null ||
    card.checkpoints.some(
      (fitted) => fitted[field] === null || fitted[field] === checkpoint[field],
    );
  if (!agrees('stage') || !agrees('rendering')) return new Map();
  const moved =
    drift === null || driftComponents === null ? null : driftStatus(drift, driftComponents, task);
  return new Map(card.tasks.map((name, t) => [name, moved?.[t] ?? 'ok']));
}
