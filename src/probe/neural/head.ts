import {
  add,
  gather,
  gelu,
  linear,
  concat,
  product,
  relu,
  type Traced,
} from '../../graph/index.ts';
import type { Batch, Parameter, Sizes, Weights } from './architecture.ts';

/** Layout of the part that all architectures end with. */
export type HeadPlan = {
  /** Numbers of the hidden layer; 0 for a linear head. */
  readonly hidden: number;
  /** 1 for ReLU, 0 for GELU. */
  readonly relu: number;
};

/** Name of the levels of the tasks: their log-odds to start with are those of their rates. */
export const TASK_LEVEL = 'task.level';

/**
 * Weights of the head: z = v · f(Σ_k x_k W_kᵀ + b + e_task) + level_task over the inputs x_k, or without a hidden layer
 * z = Σ_k x_k · w_k + level_task. `inputs` are names and widths; those of width 0 are left out. The last layer starts
 * at zero, so that a network begins as the levels of the tasks.
 */
export function headParameters(
  inputs: Readonly<Record<string, number>>,
  { tasks }: Pick<Sizes, 'tasks'>,
  { hidden }: HeadPlan,
): Parameter[] {
  const present = Object.entries(inputs).filter(([, width]) => width > 0);
  const total = present.reduce((sum, [, width]) => sum + width, 0);
  const first = present.map(([name, width]) => ({
    name: `head.${name}`,
    shape: [Math.max(hidden, 1), width],
    deviation: hidden === 0 ? 0 : 1 / Math.sqrt(total),
    decay: true,
  }));
  const level = { name: TASK_LEVEL, shape: [tasks, 1], deviation: 0, decay: false };
  if (hidden === 0) return [...first, level];
  return [
    ...first,
    { name: 'head.bias', shape: [hidden], deviation: 0, decay: false },
    { name: 'head.task', shape: [tasks, hidden], deviation: 0, decay: true },
    { name: 'head.out', shape: [1, hidden], deviation: 0, decay: true },
    level,
  ];
}

/** The head's logit (rows, 1) for inputs (rows, width) by their names; null ones are left out. */
export function head(
  inputs: Readonly<Record<string, Traced | null>>,
  { batch, weights, plan }: { batch: Batch; weights: Weights; plan: HeadPlan },
): Traced {
  const level = ofTask(weights(TASK_LEVEL), batch);
  const sum = Object.entries(inputs)
    .filter((entry): entry is [string, Traced] => entry[1] !== null)
    .map(([name, x], i) => {
      const weight = weights(`head.${name}`);
      return plan.hidden > 0 && i === 0
        ? linear(x, weight, weights('head.bias'))
        : product(x, weight, { b: true });
    })
    .reduce<Traced | null>((total, part) => (total === null ? part : add(total, part)), null);
  if (plan.hidden === 0) return sum === null ? level : add(sum, level);
  const own = ofTask(weights('head.task'), batch);
  const before = sum === null ? add(own, weights('head.bias')) : add(sum, own);
  const activation = plan.relu === 1 ? relu(before) : gelu(before);
  return add(product(batch.drop(activation), weights('head.out'), { b: true }), level);
}

/** Rows of a table (tasks, …) by task; an unknown task, −1, finds the mean of the known ones behind the last row. */
function ofTask(table: Traced, { task, known }: Batch): Traced {
  return gather(concat([table, product(known, table)], 0), task);
}
