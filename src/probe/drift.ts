/** Whether a probe may be trusted on a checkpoint, from unlabelled data alone. */
export type ProbeStatus = 'ok' | 'drift' | 'remeasure';

/** Mean components per fitted checkpoint and task, and how far questions of a task lie apart. */
export type DriftReference = {
  readonly tasks: number;
  readonly width: number;
  /** (checkpoints, tasks, width). */
  readonly means: Float32Array;
  /** (tasks): root mean square distance of a question from its task's mean, at the latest fitted checkpoint. */
  readonly spread: Float64Array;
};

/** A mean may lie this many times farther from the latest fitted one than any two fitted ones from each other. */
const FACTOR = 1.5;

/** With a single fitted checkpoint: this many times the spread of the task's questions. */
const SPREADS = 2;

export function createDriftReference(
  components: readonly Float32Array[],
  task: Int32Array,
  tasks: number,
): DriftReference {
  const width = components[0]!.length / task.length;
  const means = new Float32Array(components.length * tasks * width);
  components.forEach((values, c) =>
    means.set(taskMeans(values, task, { tasks, width }), c * tasks * width),
  );
  const latest = means.subarray((components.length - 1) * tasks * width);
  const spread = new Float64Array(tasks);
  const counts = new Float64Array(tasks);
  task.forEach((t, i) => {
    const values = components.at(-1)!.subarray(i * width, (i + 1) * width);
    spread[t]! += squaredDistance(values, latest.subarray(t * width, (t + 1) * width));
    counts[t]! += 1;
  });
  return {
    tasks,
    width,
    means,
    spread: spread.map((sum, t) => Math.sqrt(sum / Math.max(1, counts[t]!))),
  };
}

/**
 * Status per task of a checkpoint with `components` (items, width). `drift`: the mean of the task's features lies more
 * than 1.5 times as far from the latest fitted checkpoint's as any two fitted checkpoints' means lie apart.
 */
export function driftStatus(
  reference: DriftReference,
  components: Float32Array,
  task: Int32Array,
): ('ok' | 'drift')[] {
  const { tasks, width, means, spread } = reference;
  const scored = taskMeans(components, task, { tasks, width });
  const checkpoints = means.length / (tasks * width);
  const meanOf = (c: number, t: number) =>
    means.subarray((c * tasks + t) * width, (c * tasks + t + 1) * width);
  return Array.from({ length: tasks }, (_, t) => {
    if (!task.includes(t)) return 'ok';
    const moved = Math.sqrt(
      squaredDistance(scored.subarray(t * width, (t + 1) * width), meanOf(checkpoints - 1, t)),
    );
    let usual = 0;
    for (let a = 0; a < checkpoints; a += 1) {
      for (let b = a + 1; b < checkpoints; b += 1) {
        usual = Math.max(usual, Math.sqrt(squaredDistance(meanOf(a, t), meanOf(b, t))));
      }
    }
    const limit = checkpoints > 1 ? FACTOR * usual : SPREADS * spread[t]!;
    return moved > limit ? 'drift' : 'ok';
  });
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

function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j += 1) sum += (a[j]! - b[j]!) ** 2;
  return sum;
}
