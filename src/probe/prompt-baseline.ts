import type { ProbeItem } from './activations.ts';
import type { FittedProbe, NamedTensor } from './estimator.ts';
import type { Kernel } from './kernel.ts';
import { logistic } from './logistic.ts';
import type { TrainingSet } from './training-set.ts';

/**
 * What the length of a prompt says by itself: per task, a logistic regression of the rate on the tokens of the whole
 * prompt and of its part behind the shared prefix, and their squares, over the last three fitted checkpoints: older ones
 * cost it its level and bring no ranking.
 */
export type PromptBaseline = {
  readonly mean: Float64Array;
  readonly scale: Float64Array;
  readonly fitted: FittedProbe;
};

const COLUMNS = 4;

const CHECKPOINTS = 3;

/** Enough to keep a separable task finite, too little to matter otherwise. */
const RIDGE = 0.1;

export async function fitPromptBaseline(
  set: TrainingSet,
  items: Int32Array,
  kernel: Kernel,
): Promise<PromptBaseline> {
  const chosen = [...items].map((i) => set.items[i]!);
  const { mean, scale } = moments(chosen);
  const perItem = columns(chosen, { mean, scale });
  const labelled: { checkpoint: number; row: number; item: number }[] = [];
  set.checkpoints.forEach((_, checkpoint) => {
    if (checkpoint < set.checkpoints.length - CHECKPOINTS) return;
    items.forEach((item, row) => {
      if (set.n[checkpoint * set.items.length + item]! > 0)
        labelled.push({ checkpoint, row, item });
    });
  });
  const features = new Float32Array(labelled.length * COLUMNS);
  labelled.forEach(({ row }, i) =>
    features.set(perItem.subarray(row * COLUMNS, (row + 1) * COLUMNS), i * COLUMNS),
  );
  const at = ({ checkpoint, item }: { checkpoint: number; item: number }) =>
    checkpoint * set.items.length + item;
  const fitted = await logistic.fit(
    {
      features,
      rows: labelled.length,
      width: COLUMNS,
      task: Int32Array.from(labelled, ({ item }) => set.task[item]!),
      tasks: set.tasks.length,
      rate: Float64Array.from(labelled, (row) => set.k[at(row)]! / set.n[at(row)]!),
      weight: new Float64Array(labelled.length).fill(1),
    },
    { shared: Infinity, deviation: RIDGE },
    kernel,
  );
  return { mean, scale, fitted };
}

export function predictPromptBaseline(
  baseline: PromptBaseline,
  items: readonly ProbeItem[],
  task: Int32Array,
): Float64Array {
  return baseline.fitted.predict(columns(items, baseline), task);
}

export function promptBaselineTensors(baseline: PromptBaseline): NamedTensor[] {
  return [
    { name: 'mean', shape: [COLUMNS / 2], data: baseline.mean },
    { name: 'scale', shape: [COLUMNS / 2], data: baseline.scale },
    ...baseline.fitted.toTensors(),
  ];
}

/** Standardised lengths and the squares of these. */
function columns(
  items: readonly ProbeItem[],
  { mean, scale }: { mean: Float64Array; scale: Float64Array },
): Float32Array {
  const rows = new Float32Array(items.length * COLUMNS);
  items.forEach(({ promptTokens, suffixTokens }, row) => {
    const prompt = (promptTokens - mean[0]!) * scale[0]!;
    const suffix = (suffixTokens - mean[1]!) * scale[1]!;
    rows.set([prompt, suffix, prompt * prompt, suffix * suffix], row * COLUMNS);
  });
  return rows;
}

function moments(items: readonly ProbeItem[]): { mean: Float64Array; scale: Float64Array } {
  const lengths = [items.map((i) => i.promptTokens), items.map((i) => i.suffixTokens)];
  const mean = Float64Array.from(lengths, (l) => l.reduce((a, b) => a + b, 0) / l.length);
  const scale = Float64Array.from(lengths, (l, j) => {
    const square = l.reduce((sum, value) => sum + (value - mean[j]!) ** 2, 0) / l.length;
    return square > 0 ? 1 / Math.sqrt(square) : 0;
  });
  return { mean, scale };
}
