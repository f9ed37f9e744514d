/**
 * What a forecaster sees of one benchmark: the models of a ladder in the order of their training compute, and how they
 * scored. Never the target's result.
 */

export type LadderModel = {
  readonly checkpoint: string;
  /** Training FLOPs, above 0. */
  readonly flops: number;
  /** Parameters as the source counts them; null where it does not tell. */
  readonly params: number | null;
  /** Training tokens. */
  readonly tokens: number | null;
};

/** What is to be forecast: a compute, and for laws of N and D also how it is split. */
export type Target = Pick<LadderModel, 'flops' | 'params' | 'tokens'>;

/** Outcomes per item, for the same items at every model. */
export type LadderItems = {
  readonly ids: readonly string[];
  /** (items, models) row-major: right answers, 0…n, fractional where only a probability is known. */
  readonly right: Float64Array;
  /** (items, models): answers, at least 1. */
  readonly answers: Float64Array;
};

/** An existing model outside the ladder, of any family, with its results on the same items. */
export type Anchor = LadderModel & {
  readonly accuracy: number;
  /** Pass rate per item, in the order of the ladder's items; null where only the task's result is known. */
  readonly rates: Float64Array | null;
};

/** Another benchmark of the suite over the same models (and anchors), for methods that look at several. */
export type PanelBenchmark = {
  readonly task: string;
  /** Accuracy per ladder model; null where it was not measured. */
  readonly accuracy: readonly (number | null)[];
  /** The same for the ladder's anchors. */
  readonly anchors: readonly (number | null)[];
};

export type Ladder = {
  readonly suite: string;
  readonly task: string;
  /** Accuracy of a guess, 0…1; 0 where it is not known. */
  readonly chance: number;
  /** By compute, ascending. */
  readonly models: readonly LadderModel[];
  /** Accuracy per model, 0…1. */
  readonly accuracy: Float64Array;
  /** Sampling variance of each accuracy, given the items; null for scores whose spread the source does not tell. */
  readonly variance: Float64Array | null;
  /** Task loss per model, in one unit; null where any is missing. */
  readonly loss: Float64Array | null;
  readonly items: LadderItems | null;
  readonly anchors: readonly Anchor[];
  readonly panel: readonly PanelBenchmark[];
};

/** The ladder of some of its models, by index, ascending. */
export function subLadder(ladder: Ladder, models: readonly number[]): Ladder {
  const pick = (values: Float64Array): Float64Array =>
    Float64Array.from(models, (index) => values[index]!);
  const { items } = ladder;
  return {
    ...ladder,
    models: models.map((index) => ladder.models[index]!),
    accuracy: pick(ladder.accuracy),
    variance: ladder.variance === null ? null : pick(ladder.variance),
    loss: ladder.loss === null ? null : pick(ladder.loss),
    items:
      items === null
        ? null
        : {
            ids: items.ids,
            right: pickColumns(items.right, ladder.models.length, models),
            answers: pickColumns(items.answers, ladder.models.length, models),
          },
    panel: ladder.panel.map((benchmark) => ({
      ...benchmark,
      accuracy: models.map((index) => benchmark.accuracy[index] ?? null),
    })),
  };
}

function pickColumns(
  values: Float64Array,
  columns: number,
  picked: readonly number[],
): Float64Array {
  const rows = values.length / columns;
  const out = new Float64Array(rows * picked.length);
  for (let row = 0; row < rows; row += 1) {
    for (let at = 0; at < picked.length; at += 1) {
      out[row * picked.length + at] = values[row * columns + picked[at]!]!;
    }
  }
  return out;
}

/** Compute over that of the smallest model: laws are fitted on C / C_min, in FLOPs their optimum is often missed. */
export function relativeCompute(ladder: Ladder): Float64Array {
  const smallest = ladder.models[0]?.flops ?? 1;
  return Float64Array.from(ladder.models, ({ flops }) => flops / smallest);
}

/** Per model the mean over items of k/n, and the variance that finite sampling gives it (items held fixed). */
export function accuracyOfItems(
  items: LadderItems,
  models: number,
): { accuracy: Float64Array; variance: Float64Array } {
  const count = items.ids.length;
  const accuracy = new Float64Array(models);
  const variance = new Float64Array(models);
  for (let item = 0; item < count; item += 1) {
    for (let model = 0; model < models; model += 1) {
      const at = item * models + model;
      const n = items.answers[at]!;
      const rate = items.right[at]! / n;
      accuracy[model]! += rate;
      // Jeffreys' rate: an item with 0 of n or n of n right is not known exactly.
      const p = (items.right[at]! + 0.5) / (n + 1);
      variance[model]! += (p * (1 - p)) / n / count ** 2;
    }
  }
  // Divided once: 200 times 1 / 200 is more than 1.
  return { accuracy: accuracy.map((sum) => sum / count), variance };
}
