import { UserError } from '../error/index.ts';
import { checkOutcomes, type ProbeCheckpoint, type ProbeItem } from './activations.ts';
import { unitsOf } from './folds.ts';
import { lengthFeatures } from './length-features.ts';
import { createHistory, type History } from './history.ts';
import { type ImpliedAnswers, impliedAnswers, pickAnswers } from './implied-answer.ts';
import { type ItemColumns, passColumns } from './item-columns.ts';
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
  /** By checkpoint: what a head reads of its items beside the states. */
  readonly columns: readonly ItemColumns[];
  /** Unit of each item, a number: what a split never divides. */
  readonly unit: Int32Array;
  /** Items that may be learned from. */
  readonly trainable: readonly boolean[];
};

/**
 * @param trainable items that are not held out
 * @param text (items, components) of the questions' texts, where there are any
 */
export function createTrainingSet(
  items: readonly ProbeItem[],
  checkpoints: readonly ProbeCheckpoint[],
  trainable: readonly boolean[],
  text: Float32Array | null = null,
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
    columns: columnsOf(items, checkpoints, { k, n, text }),
    unit: unitCodes(items),
    trainable,
  };
}

/** The same number for items of one unit. */
function unitCodes(items: readonly ProbeItem[]): Int32Array {
  const known = new Map<string, number>();
  return Int32Array.from(unitsOf(items), (unit) => {
    const code = known.get(unit) ?? known.size;
    known.set(unit, code);
    return code;
  });
}

function columnsOf(
  items: readonly ProbeItem[],
  checkpoints: readonly ProbeCheckpoint[],
  { k, n, text }: { k: Float64Array; n: Float64Array; text: Float32Array | null },
): ItemColumns[] {
  const all = allIndices(items.length);
  const length = lengthFeatures(items);
  const nextTokens = checkpoints.flatMap((checkpoint) => checkpoint.nextTokens ?? []);
  const hasTokens = nextTokens.length === checkpoints.length;
  const answers = hasTokens ? impliedAnswers(nextTokens, { k, n }) : null;
  return checkpoints.map((checkpoint) => ({
    ...passColumns(checkpoint, all),
    length,
    text,
    answers,
  }));
}

export function allIndices(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i);
}

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

/** What a probe keeps of the questions that it learned from, in the order of the items. */
export type SeenPart = {
  readonly ids: readonly string[];
  /** Task of each, an index into the set's tasks. */
  readonly seenTasks: readonly number[];
  /** Hashes of their texts, each once, sorted. */
  readonly seenTexts: readonly string[];
  /** (checkpoints, questions): right answers and answers. */
  readonly outcomes: { readonly k: Float64Array; readonly n: Float64Array };
  /** What the outcomes tell of their answers; null where the likeliest next tokens are not known. */
  readonly answers: ImpliedAnswers | null;
};

export function seenPart(set: TrainingSet): SeenPart {
  const seen = trainableItems(set, () => true);
  const items = Array.from(seen, (i) => set.items[i]!);
  const { answers } = set.columns[0]!;
  const pick = (values: Float64Array) =>
    Float64Array.from(
      set.checkpoints.flatMap((_, c) => Array.from(seen, (i) => values[c * set.items.length + i]!)),
    );
  return {
    ids: items.map(({ id }) => id),
    seenTasks: Array.from(seen, (i) => set.task[i]!),
    seenTexts: [...new Set(items.flatMap(({ textHashes }) => textHashes))].sort(),
    outcomes: { k: pick(set.k), n: pick(set.n) },
    answers: answers === null ? null : pickAnswers(answers, [...seen]),
  };
}
