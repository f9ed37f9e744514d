import { UserError } from '../error/index.ts';
import { checkOutcomes, type ProbeCheckpoint, type ProbeItem } from './activations.ts';
import { unitOf } from './folds.ts';
import { lengthFeatures } from './length-features.ts';
import { createHistory, type History } from './history.ts';
import { OUTPUT_FEATURES, outputFeatures } from './output-features.ts';
import { createTimeline, type Timeline } from './timeline.ts';

/** The labelled checkpoints of a fit with everything but their states. Held-out items have no outcomes here. */
export type TrainingSet = {
  readonly items: readonly ProbeItem[];
  readonly tasks: readonly string[];
  /** Index into `tasks` of each item. */
  readonly task: Int32Array;
  readonly checkpoints: readonly ProbeCheckpoint[];
  readonly timeline: Timeline;
  /** (checkpoints, items): right answers and answers; n = 0 where unlabelled or held out. */
  readonly k: Float64Array;
  readonly n: Float64Array;
  /** Output features per checkpoint, (items, 6); null where any checkpoint lacks them. */
  readonly output: readonly Float32Array[] | null;
  /** (items, 2): features of the prompts' lengths. */
  readonly length: Float32Array;
  /** Question, or group of questions, of each item: what a split never divides. */
  readonly unit: Int32Array;
  /** Items that may be learned from. */
  readonly trainable: readonly boolean[];
};

/** @param trainable items that are not held out */
export function createTrainingSet(
  items: readonly ProbeItem[],
  checkpoints: readonly ProbeCheckpoint[],
  trainable: readonly boolean[],
): TrainingSet {
  if (items.length === 0) throw new UserError('fit: expected questions to learn from, got none');
  if (checkpoints.length === 0)
    throw new UserError('fit: expected at least one checkpoint, got none');
  const tasks = [...new Set(items.map((item) => item.task))].sort();
  const index = new Map(tasks.map((name, t) => [name, t]));
  const k = new Float64Array(checkpoints.length * items.length);
  const n = new Float64Array(checkpoints.length * items.length);
  checkpoints.forEach((checkpoint, c) => {
    checkOutcomes(checkpoint, items);
    let labelled = 0;
    items.forEach((_, i) => {
      if (trainable[i] !== true || checkpoint.n[i]! <= 0) return;
      k[c * items.length + i] = checkpoint.k[i]!;
      n[c * items.length + i] = checkpoint.n[i]!;
      labelled += 1;
    });
    if (labelled === 0) {
      throw new UserError(
        `fit: expected outcomes of checkpoint \`${checkpoint.id}\` for questions that are not held out, got none; ` +
          'label it, import its outcomes or leave it out',
      );
    }
  });
  return {
    items,
    tasks,
    task: Int32Array.from(items, (item) => index.get(item.task)!),
    checkpoints,
    timeline: createTimeline(checkpoints),
    k,
    n,
    output: outputsOf(checkpoints, items.length),
    length: lengthFeatures(items),
    unit: unitCodes(items),
    trainable,
  };
}

/** The same number for items of one unit. */
function unitCodes(items: readonly ProbeItem[]): Int32Array {
  const known = new Map<string, number>();
  return Int32Array.from(items, (item) => {
    const code = known.get(unitOf(item)) ?? known.size;
    known.set(unitOf(item), code);
    return code;
  });
}

function outputsOf(checkpoints: readonly ProbeCheckpoint[], items: number): Float32Array[] | null {
  const all = allIndices(items);
  const outputs = checkpoints.flatMap(({ output }) =>
    output === null ? [] : [outputFeatures(output, all)],
  );
  return outputs.length === checkpoints.length ? outputs : null;
}

export function allIndices(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i);
}

/** Width of the output features. */
export const OUTPUT_WIDTH: number = OUTPUT_FEATURES.length;

/** The history that only the items in `known` contribute to. */
export function historyOf(set: TrainingSet, known: (item: number) => boolean): History {
  const items = set.items.length;
  const visible = Array.from({ length: items }, (_, i) => known(i));
  const n = set.n.slice();
  for (let at = 0; at < n.length; at += 1) if (visible[at % items] !== true) n[at] = 0;
  return createHistory(set.timeline, { k: set.k, n }, { task: set.task, count: set.tasks.length });
}

/** Indices of the items that `wanted` accepts and that may be learned from. */
export function trainableItems(set: TrainingSet, wanted: (item: number) => boolean): Int32Array {
  return allIndices(set.items.length).filter((i) => set.trainable[i] === true && wanted(i));
}
