import { accuracyInterval } from './accuracy-interval.ts';
import { driftStatus, type ProbeStatus } from './drift.ts';
import { createKernel } from './kernel.ts';
import { BASELINES, type BaselineName, type ProbeModel } from './probe-model.ts';
import { type ScoredCheckpoint, scoreCheckpoint, type ScoringInput } from './scored-checkpoint.ts';

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

/** Predicts pass@1 of every item and task. Sees no outcome of the scored checkpoint. */
export async function predictCheckpoint(
  model: ProbeModel,
  input: ScoringInput,
  options: { readonly threads?: number } = {},
): Promise<CheckpointPrediction> {
  await using kernel = await createKernel(options);
  const scored = await scoreCheckpoint(model, input, kernel);
  return summarisePrediction(model, input, scored);
}

/** Task estimates from item predictions. */
export function summarisePrediction(
  model: ProbeModel,
  input: ScoringInput,
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
  input: ScoringInput,
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
      const values = scored.baselines[name];
      return [name, values === null ? null : average(values)];
    }),
  ) as Record<BaselineName, number | null>;
  const { level, method } = errorModel;
  return { task, items: rows.length, predicted, low, high, level, method, baselines, status };
}

/**
 * `remeasure`: stage or rendering differs from every fitted checkpoint's, or the task was never fitted. Otherwise the
 * unlabelled rule of `driftStatus`. An unknown stage or rendering agrees with anything.
 */
function statusByTask(
  { card, drift }: ProbeModel,
  { checkpoint }: ScoringInput,
  { components, task }: ScoredCheckpoint,
): Map<string, ProbeStatus> {
  const agrees = (field: 'stage' | 'rendering') =>
    checkpoint[field] === null ||
    card.checkpoints.some(
      (fitted) => fitted[field] === null || fitted[field] === checkpoint[field],
    );
  if (!agrees('stage') || !agrees('rendering')) return new Map();
  const moved = drift === null || components === null ? null : driftStatus(drift, components, task);
  return new Map(card.tasks.map((name, t) => [name, moved?.[t] ?? 'ok']));
}
