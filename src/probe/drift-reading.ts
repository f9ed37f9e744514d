import { logOdds } from '../stats/index.ts';
import { type Head, predictHead, type Segment } from './head.ts';
import type { Kernel } from './kernel.ts';
import { membersOf } from './members.ts';
import {
  applyRepresentation,
  asTheyAre,
  type Representation,
  type RepresentationSource,
  type StateView,
} from './representation.ts';

/** What is read of a checkpoint without its outcomes: one number a task, NaN for a task without questions. */
export type DriftReading = {
  /** (tasks, width) mean components of the task's questions. */
  readonly means: Float32Array;
  /** Root mean square distance of a question from its task's mean. */
  readonly spread: Float64Array;
  /** Mean log odds that the head without history gives; null without such a head. */
  readonly score: Float64Array | null;
  /** Mean standard deviation over the head's members of these log odds; null where it is no ensemble. */
  readonly disagreement: Float64Array | null;
};

type DriftSource = {
  /** (items, width), never centred per task. */
  readonly components: Float32Array;
  /** The head without history; null where there is none. */
  readonly head: Head | null;
  /** All items of the checkpoint. */
  readonly segment: Segment;
  readonly tasks: number;
};

export async function readDrift(source: DriftSource, kernel: Kernel): Promise<DriftReading> {
  const { components, head, segment, tasks } = source;
  const { task } = segment;
  const width = components.length / Math.max(1, task.length);
  const means = taskMeans(components, task, { tasks, width });
  const distance = Float64Array.from(task, (t, i) =>
    t < 0 ? 0 : squaredDistance(rowOf(components, i, width), rowOf(means, t, width)),
  );
  const spread = averageByTask(distance, task, tasks).map(Math.sqrt);
  if (head === null) return { means, spread, score: null, disagreement: null };
  const members = membersOf(head.spec.architecture, head.fitted);
  const odds: Float64Array[] = [];
  for (const fitted of members.length === 0 ? [head.fitted] : members) {
    odds.push(
      (await predictHead({ ...head, fitted }, segment, kernel)).map((p) => logOdds(p, EDGE)),
    );
  }
  return {
    means,
    spread,
    score: averageByTask(meansOver(odds), task, tasks),
    disagreement: members.length === 0 ? null : averageByTask(deviationsOver(odds), task, tasks),
  };
}

/** Components of a checkpoint's states that are neither centred per task nor aligned; `view` is what the probe itself reads of them. */
export async function uncentredComponents(
  representation: Representation,
  { view, source }: { view: StateView | null; source: Omit<RepresentationSource, 'rows'> },
  kernel: Kernel,
): Promise<Float32Array> {
  const uncentred = asTheyAre(representation);
  if (uncentred === representation && view !== null) return view.components;
  return applyRepresentation(uncentred, source, kernel);
}

/** Distance of two task means, `a` and `b` rows of `width`. */
export function distanceOf(a: Float32Array, b: Float32Array): number {
  return Math.sqrt(squaredDistance(a, b));
}

export function rowOf(values: Float32Array, row: number, width: number): Float32Array {
  return values.subarray(row * width, (row + 1) * width);
}

function taskMeans(
  components: Float32Array,
  task: Int32Array,
  { tasks, width }: { tasks: number; width: number },
): Float32Array {
  const sums = new Float64Array(tasks * width);
  const counts = new Float64Array(tasks);
  task.forEach((t, i) => {
    if (t < 0) return;
    counts[t]! += 1;
    for (let j = 0; j < width; j += 1) sums[t * width + j]! += components[i * width + j]!;
  });
  return Float32Array.from(sums, (sum, at) => sum / Math.max(1, counts[Math.floor(at / width)]!));
}

function averageByTask(values: Float64Array, task: Int32Array, tasks: number): Float64Array {
  const sums = new Float64Array(tasks);
  const counts = new Float64Array(tasks);
  task.forEach((t, i) => {
    if (t < 0) return;
    sums[t]! += values[i]!;
    counts[t]! += 1;
  });
  return sums.map((sum, t) => sum / counts[t]!);
}

function meansOver(lists: readonly Float64Array[]): Float64Array {
  return lists[0]!.map((_, i) => lists.reduce((sum, list) => sum + list[i]!, 0) / lists.length);
}

function deviationsOver(lists: readonly Float64Array[]): Float64Array {
  return meansOver(lists).map((mean, i) => {
    const squares = lists.reduce((sum, list) => sum + (list[i]! - mean) ** 2, 0);
    return Math.sqrt(squares / (lists.length - 1));
  });
}

/** Probabilities are drawn this far inside: one certain question must not be the mean of its task. */
const EDGE = 1e-4;

function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j += 1) sum += (a[j]! - b[j]!) ** 2;
  return sum;
}
