import type { Dtype, Tape, Traced } from '../../graph/index.ts';
import type { Batch, Sizes } from './architecture.ts';

/** Sizes of the batches of one run. */
export type BatchSizes = Sizes & {
  /** Batches of one run. */
  readonly steps: number;
  /** Rows of a batch. */
  readonly rows: number;
  /** Positions of the states; 0 without them. */
  readonly positions: number;
};

/** Declares the inputs that `feedsOf` fills and returns batch `step` of them, without dropout. */
export function batchInputs(
  tape: Tape,
  sizes: BatchSizes,
): { known: Traced; batch: (step: number) => Omit<Batch, 'drop' | 'known'> } {
  const { steps, rows, width, layers, positions, hidden } = sizes;
  const { graph } = tape;
  const known = tape.input('known', 'float32', [1, sizes.tasks]);
  const task = stepped(tape, { name: 'task', dtype: 'int64', shape: [rows] }, steps);
  const features = width > 0 ? graph.input('features', 'float32', ['all', width]) : null;
  const picked =
    width > 0 ? stepped(tape, { name: 'rows', dtype: 'int64', shape: [rows] }, steps) : null;
  const float = (name: string, ...shape: number[]) =>
    stepped(tape, { name, dtype: 'float32', shape: [rows, ...shape] }, steps);
  const states =
    layers === 0
      ? null
      : {
          values: float('states', layers, positions, hidden),
          behind: float('behind', positions),
          distance: float('distance', positions),
        };
  return {
    known,
    batch: (step) => ({
      rows,
      task: task(step),
      features:
        features === null || picked === null
          ? null
          : tape.trace(graph.op('Gather', [features, picked(step).value]), [rows, width]),
      states:
        states === null
          ? null
          : {
              values: states.values(step),
              behind: states.behind(step),
              distance: states.distance(step),
              layers,
              positions,
              hidden,
            },
    }),
  };
}

/** An input with a step in front of its axes; the function picks one step. */
export function stepped(
  tape: Tape,
  { name, dtype, shape }: { name: string; dtype: Dtype; shape: readonly number[] },
  steps: number,
): (step: number) => Traced {
  const { graph } = tape;
  const all = graph.input(name, dtype, [steps, ...shape]);
  return (step) =>
    tape.trace(
      steps === 1
        ? graph.op('Reshape', [all, graph.ints(...shape)])
        : graph.op('Gather', [all, graph.index(step)]),
      shape,
    );
}
