import type { ProbeItem } from './activations.ts';
import { averageCells, type CellScores, scoreCell } from './cells.ts';
import type { FittedProbe, NamedTensor } from './estimator.ts';
import { foldOf } from './folds.ts';
import type { Kernel } from './kernel.ts';
import { logistic } from './logistic.ts';
import { choose, ratesOf, type SelectionRow } from './selection.ts';
import { fitTerms, type Terms, termFeatures } from './term-features.ts';
import type { TrainingSet } from './training-set.ts';

/**
 * What a prompt says by itself: per task, a logistic regression of the rate on the tokens of the whole prompt and of its
 * part behind the shared prefix, their squares, and TF-IDF of the question's text where a third of the questions, left
 * out, shows it to be of use. It learns from the last three fitted checkpoints: older ones cost it its level and bring no
 * ranking.
 */
export type PromptBaseline = {
  readonly mean: Float64Array;
  readonly scale: Float64Array;
  /** Null where lengths alone did better. */
  readonly terms: ScaledTerms | null;
  readonly fitted: FittedProbe;
};

/** TF-IDF times a factor, through which one ridge holds terms back more than lengths. */
export type ScaledTerms = Terms & { readonly factor: number };

const LENGTH_COLUMNS = 4;

const CHECKPOINTS = 3;

/** Enough to keep a separable task finite, too little to matter otherwise. */
const RIDGE = 0.1;

/** Terms of all tasks together: more bring nothing on questions of a few words, and cost their square. */
const MOST_TERMS = 256;

/** Ridges on TF-IDF that are tried, in questions. */
const TERM_RIDGES = [1, 10];

const FOLDS = 3;

export async function fitPromptBaseline(
  set: TrainingSet,
  items: Int32Array,
  { kernel, seed }: { kernel: Kernel; seed: number },
): Promise<{ baseline: PromptBaseline; table: readonly SelectionRow[] }> {
  const chosen = Array.from(items, (i) => set.items[i]!);
  const found = fitTerms(
    chosen.map((item) => item.text),
    MOST_TERMS,
  );
  const lengths = moments(chosen);
  const candidates = [
    { name: 'lengths', value: null },
    ...(found.terms.length === 0 ? [] : TERM_RIDGES).map((ridge) => ({
      name: `lengths and TF-IDF, ridge ${ridge}`,
      value: { ...found, factor: Math.sqrt(RIDGE / ridge) },
    })),
  ];
  const fold = foldOf(set.items, FOLDS, seed);
  const latest = set.checkpoints.length - 1;
  const left = items.filter((i) => fold[i] === 0 && set.n[latest * set.items.length + i]! > 0);
  const { value, table } = await choose('promptOnly', candidates, async (terms) => {
    const inner = { ...lengths, terms };
    const rest = items.filter((i) => fold[i] !== 0);
    const fitted = await fitOn(set, rest, { lengths: inner, kernel });
    return scoreLeft(set, left, { baseline: { ...inner, fitted }, kernel });
  });
  const inner = { ...lengths, terms: value };
  const fitted = await fitOn(set, items, { lengths: inner, kernel });
  return { baseline: { ...inner, fitted }, table };
}

/** The same baseline learned from other data: what was chosen stays chosen, everything else is learned again. */
export async function refitPromptBaseline(
  set: TrainingSet,
  items: Int32Array,
  { terms }: PromptBaseline,
  { kernel, tolerance }: { kernel: Kernel; tolerance: number },
): Promise<PromptBaseline> {
  const chosen = Array.from(items, (i) => set.items[i]!);
  const texts = chosen.map((item) => item.text);
  const again = terms === null ? null : fitTerms(texts, MOST_TERMS);
  const inner = {
    ...moments(chosen),
    terms: again === null || again.terms.length === 0 ? null : { ...again, factor: terms!.factor },
  };
  return { ...inner, fitted: await fitOn(set, items, { lengths: inner, kernel, tolerance }) };
}

type Columns = Omit<PromptBaseline, 'fitted'>;

async function fitOn(
  set: TrainingSet,
  items: Int32Array,
  { lengths, kernel, tolerance }: { lengths: Columns; kernel: Kernel; tolerance?: number },
): Promise<FittedProbe> {
  const count = set.items.length;
  const first = Math.max(0, set.checkpoints.length - CHECKPOINTS);
  const labelled = set.checkpoints.flatMap((_, checkpoint) =>
    checkpoint < first
      ? []
      : [...items].flatMap((item, row) =>
          set.n[checkpoint * count + item]! > 0
            ? [{ at: checkpoint * count + item, row, item }]
            : [],
        ),
  );
  const perItem = columns(
    Array.from(items, (i) => set.items[i]!),
    lengths,
  );
  const width = widthOf(lengths);
  const features = new Float32Array(labelled.length * width);
  labelled.forEach(({ row }, i) =>
    features.set(perItem.subarray(row * width, (row + 1) * width), i * width),
  );
  const data = {
    features,
    rows: labelled.length,
    width,
    task: Int32Array.from(labelled, ({ item }) => set.task[item]!),
    sequences: null,
    tasks: set.tasks.length,
    rate: Float64Array.from(labelled, ({ at }) => set.k[at]! / set.n[at]!),
    weight: new Float64Array(labelled.length).fill(1),
    unit: Int32Array.from(labelled, ({ item }) => set.unit[item]!),
  };
  const options = { shared: Infinity, deviation: RIDGE };
  return logistic.fit(data, tolerance === undefined ? options : { ...options, tolerance }, kernel);
}

async function scoreLeft(
  set: TrainingSet,
  left: Int32Array,
  { baseline, kernel }: { baseline: PromptBaseline; kernel: Kernel },
): Promise<CellScores> {
  const task = left.map((i) => set.task[i]!);
  const items = Array.from(left, (i) => set.items[i]!);
  const predicted = await predictPromptBaseline(baseline, items, { task, kernel });
  const rates = ratesOf(set, set.checkpoints.length - 1, left);
  const cells = set.tasks.flatMap((_, t) => {
    const ofTask = (__: number, row: number) => task[row] === t;
    const measured = rates.filter(ofTask);
    return measured.length === 0 ? [] : [scoreCell(predicted.filter(ofTask), measured)];
  });
  return averageCells(cells);
}

export function predictPromptBaseline(
  baseline: PromptBaseline,
  items: readonly ProbeItem[],
  { task, kernel }: { task: Int32Array; kernel: Kernel },
): Promise<Float64Array> {
  const features = columns(items, baseline);
  const rows = { features, rows: items.length, width: widthOf(baseline), task, sequences: null };
  return baseline.fitted.predict(rows, kernel);
}

/** The vocabulary is on the card: tensors hold numbers. */
export function promptBaselineTensors(baseline: PromptBaseline): NamedTensor[] {
  const { mean, scale, terms, fitted } = baseline;
  return [
    { name: 'mean', shape: [LENGTH_COLUMNS / 2], data: mean },
    { name: 'scale', shape: [LENGTH_COLUMNS / 2], data: scale },
    ...(terms === null ? [] : [{ name: 'idf', shape: [terms.idf.length], data: terms.idf }]),
    ...fitted.toTensors(),
  ];
}

function widthOf({ terms }: Columns): number {
  return LENGTH_COLUMNS + (terms?.terms.length ?? 0);
}

/** Standardised lengths and the squares of these, then the terms. */
function columns(items: readonly ProbeItem[], { mean, scale, terms }: Columns): Float32Array {
  const count = terms?.terms.length ?? 0;
  const texts = items.map((item) => item.text);
  const words = terms === null ? null : termFeatures(texts, terms);
  const width = LENGTH_COLUMNS + count;
  const rows = new Float32Array(items.length * width);
  items.forEach(({ promptTokens, suffixTokens }, row) => {
    const prompt = (promptTokens - mean[0]!) * scale[0]!;
    const suffix = (suffixTokens - mean[1]!) * scale[1]!;
    rows.set([prompt, suffix, prompt * prompt, suffix * suffix], row * width);
    for (let j = 0; words !== null && j < count; j += 1) {
      rows[row * width + LENGTH_COLUMNS + j] = words[row * count + j]! * terms!.factor;
    }
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
