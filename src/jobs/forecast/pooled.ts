/** All tasks of a suite as one benchmark. */
import { accuracyOfItems, type LadderItems } from '../../forecast/index.ts';
import type { Exclusion } from './exclusion.ts';
import type { BenchmarkSource, TaskLadder } from './task-ladder.ts';

/** All tasks together, in the place of a task's name. */
const wholeSuite = '*';

/**
 * Pools the tasks that every model has: each item equal; without items at some task, each task equal. Adds the tasks that
 * it does without to the exclusions. Empty where there is no such task.
 */
export function poolTasks(
  tasks: readonly TaskLadder[],
  models: number,
  exclusions: Exclusion[],
): BenchmarkSource[] {
  const whole = tasks.filter((task) => task.models.length === models);
  for (const { task, models: own } of tasks) {
    if (own.length === models) continue;
    const reason = `only ${own.length} of ${models} models have it, the whole suite is pooled over tasks that all have`;
    exclusions.push({ task, checkpoint: null, items: 0, reason });
  }
  const [first] = whole;
  if (first === undefined) return [];
  const items = poolItems(whole, models);
  const isCounted = whole.every(({ variance }) => variance !== null);
  const weights = whole.map((task) => (items === null ? 1 : (task.items?.ids.length ?? 0)));
  const pooled = items === null ? meanOfTasks(whole, models) : accuracyOfItems(items, models);
  return [
    {
      task: wholeSuite,
      chance: whole.some(({ chance }) => chance === null) ? null : weightedChance(whole, weights),
      models: first.models,
      accuracy: pooled.accuracy,
      variance: isCounted ? pooled.variance : null,
      loss: null,
      items,
      parts: whole.map(({ part }) => part),
    },
  ];
}

/** Null where some task has no items. Ids are told apart by their task. */
function poolItems(tasks: readonly TaskLadder[], models: number): LadderItems | null {
  const parts = tasks.flatMap(({ task, items }) => (items === null ? [] : [{ task, items }]));
  if (parts.length < tasks.length) return null;
  const count = parts.reduce((sum, { items }) => sum + items.ids.length, 0);
  const right = new Float64Array(count * models);
  const answers = new Float64Array(count * models);
  let offset = 0;
  for (const { items } of parts) {
    right.set(items.right, offset);
    answers.set(items.answers, offset);
    offset += items.right.length;
  }
  return {
    ids: parts.flatMap(({ task, items }) => items.ids.map((id) => `${task}/${id}`)),
    right,
    answers,
  };
}

function meanOfTasks(
  tasks: readonly TaskLadder[],
  models: number,
): { accuracy: Float64Array; variance: Float64Array } {
  const accuracy = new Float64Array(models);
  const variance = new Float64Array(models);
  for (const task of tasks) {
    for (let model = 0; model < models; model += 1) {
      accuracy[model] = (accuracy[model] ?? 0) + (task.accuracy[model] ?? 0);
      variance[model] = (variance[model] ?? 0) + (task.variance?.[model] ?? 0) / tasks.length ** 2;
    }
  }
  // Divided once: the mean of ones is no more than 1.
  return { accuracy: accuracy.map((sum) => sum / tasks.length), variance };
}

function weightedChance(tasks: readonly TaskLadder[], weights: readonly number[]): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return tasks.reduce(
    (sum, { chance }, index) => sum + ((chance ?? 0) * (weights[index] ?? 0)) / total,
    0,
  );
}
