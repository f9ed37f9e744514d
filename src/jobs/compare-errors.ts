/** How far a probe was off about the difference of two checkpoints, from the residuals on its card. */
import { UserError } from '../error/index.ts';
import type { ProbeCard } from '../probe/index.ts';

type Residuals = ProbeCard['residuals'];

/** Error of a predicted difference of two accuracies. */
export type DifferenceError = {
  /** Mean square of (error at the later − error at the earlier), in accuracy squared. */
  readonly variance: number;
  /** Pairs of checkpoints that differ: the same pair seen from several starts counts once. */
  readonly degrees: number;
  /** Predicted pairs, repetitions included. */
  readonly pairs: number;
  /** `task`: this task's pairs; `tasks`: pairs of all tasks; `single`: no pairs, errors taken to be independent. */
  readonly from: 'task' | 'tasks' | 'single';
};

/** Fewer pairs of a task than this say too little of it alone. */
const fewest = 3;

/**
 * The residuals of a task stand fit by fit, and checkpoint by checkpoint in training order within a fit, so neighbours at
 * a growing horizon are a pair that one fit predicted, as it will these two; so are neighbours at horizon 0, where the
 * probe was fitted on several checkpoints. Squares are taken about 0, not about their mean: a shared drift of the errors
 * is not corrected for. Without any pair the two errors are taken to be independent, 2 × mean square of one.
 *
 * @throws UserError for a card without residuals.
 */
export function differenceErrors(card: ProbeCard): ReadonlyMap<string, DifferenceError> {
  const { residuals, tasks, checkpoints } = card;
  if (residuals.length === 0) {
    throw new UserError(
      `--probe: expected a probe whose errors were measured when it was fitted, \`${card.name}\` has none; fit it on more checkpoints or questions`,
    );
  }
  const several = checkpoints.length > 1;
  const byTask = new Map(tasks.map((task) => [task, runsOf(residuals, { task, several })]));
  const all = [...byTask.values()].flat();
  const pooled = fromRuns(all, 'tasks') ?? independent(residuals);
  return new Map(
    [...byTask].map(([task, runs]) => {
      const own = fromRuns(runs, 'task');
      return [task, own !== null && own.pairs >= fewest ? own : pooled];
    }),
  );
}

/** Errors of one task, a list a fit. */
function runsOf(
  residuals: Residuals,
  { task, several }: { readonly task: string; readonly several: boolean },
): number[][] {
  const runs: number[][] = [];
  let before: number | null = null;
  for (const { horizon, measured, predicted, task: name } of residuals) {
    if (name !== task || (horizon === 0 && !several)) continue;
    const goes = before !== null && (horizon > before || (horizon === 0 && before === 0));
    if (!goes) runs.push([]);
    runs.at(-1)?.push(measured - predicted);
    before = horizon;
  }
  return runs;
}

function fromRuns(
  runs: readonly (readonly number[])[],
  from: 'task' | 'tasks',
): DifferenceError | null {
  const steps = runs.flatMap((errors) =>
    errors.slice(1).map((error, index) => error - (errors[index] ?? 0)),
  );
  if (steps.length === 0) return null;
  const longest = runs.reduce((most, { length }) => Math.max(most, length), 0);
  return { variance: meanSquare(steps), degrees: longest - 1, pairs: steps.length, from };
}

function independent(residuals: Residuals): DifferenceError {
  const errors = residuals.map(({ measured, predicted }) => measured - predicted);
  return { variance: 2 * meanSquare(errors), degrees: errors.length, pairs: 0, from: 'single' };
}

function meanSquare(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value * value, 0) / values.length;
}
