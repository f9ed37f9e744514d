import { logOdds, sigmoid } from '../stats/index.ts';
import { foldOf } from './folds.ts';
import type { ProbeItem } from './activations.ts';
import type { ProbeRows } from './estimator.ts';
import type { Outcomes } from './evaluate.ts';
import { type Head, headFeatures } from './head.ts';
import type { Frame } from './heads.ts';
import type { Kernel } from './kernel.ts';
import { logistic } from './logistic.ts';

/**
 * A probe's probabilities refitted to a few labels of the scored checkpoint, held back towards what they were: with z the
 * old log odds and x what the head without history reads (and z itself), minimised over δ is
 *   Σ_i [log(1 + exp z'_i) − rate_i z'_i] + ½ ρ ‖δ‖² + ½ ρ₀ Σ_t b_t²,   z'_i = z_i + δ · x_i + b + b_t.
 * For a linear head this penalises ‖w − w_old‖². A labelled question weighs 1, however many answers it has.
 */
export type Refit = 'none' | 'prior';

type Refitted = {
  readonly items: readonly ProbeItem[];
  /** n = 0 for a question without a label. */
  readonly labels: Outcomes;
  /** The head without history; null where there is none: then levels and the slope on z alone move. */
  readonly head: Head | null;
  readonly frame: Frame;
  /** Probabilities before. */
  readonly p: Float64Array;
};

/** ρ, in questions: on the bundled series a weaker one cost ranking where labels are few, a stronger one gained nothing. */
const CHANGE_RIDGE = 300;

/** ρ₀: a task's level is off by about a unit of log odds, so a prior of about that width. */
const LEVEL_RIDGE = 1;

const FOLDS = 5;

/** Labelled questions of a task below which its probabilities stay: they would be other tasks' labels alone. */
const FEWEST_LABELS = 2;

/** Probabilities are drawn this far inside before their log odds are taken. */
const EDGE = 1e-4;

/**
 * Refitted probabilities of all items of tasks with two or more labels; the others keep theirs. A labelled question's
 * comes from a fit without its fold (of five, dealt by what a split never divides), an unlabelled one's is the mean over
 * the five fits: given the labels of the other folds the two err alike, so an estimate that corrects the one by the other
 * stays unbiased. Deterministic.
 */
export async function refitToLabels(of: Refitted, kernel: Kernel): Promise<Float64Array> {
  const { items, labels, p } = of;
  const rows = refitRows(of);
  const labelled = [...items.keys()].filter((i) => rows.isRefitted[i]! && labels.n[i]! > 0);
  if (labelled.length === 0) return p;
  const fold = foldOf(
    labelled.map((i) => items[i]!),
    FOLDS,
    0,
  );
  const own = new Int32Array(items.length).fill(-1);
  labelled.forEach((item, at) => (own[item] = fold[at]!));
  const sums = new Float64Array(items.length);
  for (let held = 0; held < FOLDS; held += 1) {
    const learned = labelled.filter((i) => own[i] !== held);
    const moved = await refitOnce({ ...of, rows }, learned, kernel);
    moved.forEach((value, i) => {
      if (own[i] === held) sums[i] = value;
      else if (own[i] === -1) sums[i]! += value / FOLDS;
    });
  }
  return p.map((value, i) => (rows.isRefitted[i]! ? sums[i]! : value));
}

type RefitRows = ProbeRows & {
  readonly tasks: number;
  /** Old log odds. */
  readonly offset: Float64Array;
  readonly isRefitted: readonly boolean[];
};

/** All items with their columns: those of the head, and the old log odds about their mean. */
function refitRows({ items, labels, head, frame, p }: Refitted): RefitRows {
  const names = [...new Set(items.map((item) => item.task))];
  const index = new Map(names.map((name, t) => [name, t]));
  const task = Int32Array.from(items, (item) => index.get(item.task)!);
  const counts = new Int32Array(names.length);
  task.forEach((t, i) => (counts[t]! += labels.n[i]! > 0 ? 1 : 0));
  const offset = p.map((value) => logOdds(value, EDGE));
  const centre = offset.reduce((sum, z) => sum + z, 0) / Math.max(1, offset.length);
  const read = head === null ? null : headFeatures(head, frame);
  const width = (read?.width ?? 0) + 1;
  const features = new Float32Array(items.length * width);
  offset.forEach((z, i) => {
    if (read !== null) {
      features.set(read.features.subarray(i * read.width, (i + 1) * read.width), i * width);
    }
    features[(i + 1) * width - 1] = z - centre;
  });
  return {
    ...{ features, width, task, offset },
    rows: items.length,
    tasks: names.length,
    sequences: null,
    isRefitted: Array.from(task, (t) => counts[t]! >= FEWEST_LABELS),
  };
}

/** Probabilities of all items after a fit on the labels of some of them. */
async function refitOnce(
  { rows, labels }: Pick<Refitted, 'labels'> & { readonly rows: RefitRows },
  learned: readonly number[],
  kernel: Kernel,
): Promise<Float64Array> {
  const { width, features, offset } = rows;
  if (learned.length === 0) return offset.map((z) => sigmoid(z));
  const picked = new Float32Array(learned.length * width);
  learned.forEach((item, row) => {
    picked.set(features.subarray(item * width, (item + 1) * width), row * width);
  });
  const data = {
    ...{ features: picked, width, sequences: null, tasks: rows.tasks },
    rows: learned.length,
    task: Int32Array.from(learned, (i) => rows.task[i]!),
    rate: Float64Array.from(learned, (i) => labels.k[i]! / labels.n[i]!),
    weight: new Float64Array(learned.length).fill(1),
    offset: Float64Array.from(learned, (i) => offset[i]!),
    unit: Int32Array.from(learned),
  };
  const ridges = { shared: CHANGE_RIDGE, deviation: Infinity, interceptDeviation: LEVEL_RIDGE };
  const change = await logistic.fit(data, ridges, kernel);
  const moves = await change.predict(rows, kernel);
  return offset.map((z, i) => sigmoid(z + Math.log(moves[i]! / (1 - moves[i]!))));
}
