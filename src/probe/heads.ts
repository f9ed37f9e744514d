import { fitHead, type Head, type HeadSpec, predictHead, type Segment } from './head.ts';
import { latestLabelled } from './history.ts';
import type { Kernel } from './kernel.ts';
import { agreeLevels } from './level.ts';
import type { StateView } from './representation.ts';
import { historyOf, trainableItems, type TrainingSet } from './training-set.ts';
import type { Validation } from './selection.ts';

/** The heads of one probe. Which one an item gets depends on what is known of it. */
export type Heads = {
  /** No history: for fitted checkpoints, and wherever the others do not apply. Null for history-only probes. */
  readonly plain: Head | null;
  /** The task's rates, not the question's; null where validation found them of no use. */
  readonly task: Head | null;
  /** The question's own rates; null with fewer than two labelled checkpoints. */
  readonly item: Head | null;
};

export type HeadSpecs = {
  readonly plain: HeadSpec | null;
  readonly task: HeadSpec | null;
  readonly item: HeadSpec | null;
};

/** Fits all heads on some checkpoints and items. */
export async function fitHeads(
  { set, seed, kernel, starts }: Validation,
  specs: HeadSpecs,
  on: {
    readonly views: readonly StateView[] | null;
    readonly checkpoints: readonly number[];
    readonly known: (item: number) => boolean;
    readonly tolerance?: number;
    /** Names what the fit may see; see `FitHeadWith`. @default 'all' */
    readonly scope?: string;
  },
): Promise<Heads> {
  const training = {
    set,
    views: on.views,
    history: historyOf(set, on.known),
    checkpoints: on.checkpoints,
    items: trainableItems(set, on.known),
  };
  const using = {
    kernel,
    seed,
    starts,
    scope: on.scope ?? 'all',
    ...(on.tolerance === undefined ? {} : { tolerance: on.tolerance }),
  };
  const fit = (spec: HeadSpec | null) => (spec === null ? null : fitHead(training, spec, using));
  return {
    plain: await fit(specs.plain),
    task: await fit(specs.task),
    item: await fit(specs.item),
  };
}

/** All items of one checkpoint, ready to be scored. */
export type Frame = Omit<Segment, 'items'> & {
  readonly items: Int32Array;
  /** Scored as one of the checkpoints that were fitted: without any history. */
  readonly isFitted: boolean;
};

/**
 * Each item by the head that knows most of it, the levels of a task's items drawn together; NaN for an item that no head
 * applies to.
 */
export async function predictFrame(
  heads: Heads,
  frame: Frame,
  kernel: Kernel,
): Promise<Float64Array> {
  const out = new Float64Array(frame.items.length).fill(NaN);
  const rows = { item: [] as number[], task: [] as number[], plain: [] as number[] };
  frame.items.forEach((item, row) => {
    const { history, cut, isFitted } = frame;
    const past = !isFitted && cut >= 0 && history !== null;
    const known = past && frame.task[row]! >= 0 && latestLabelled(history, item, cut) >= 0;
    if (known && heads.item !== null) rows.item.push(row);
    else if (past && heads.task !== null && frame.task[row]! >= 0) rows.task.push(row);
    else rows.plain.push(row);
  });
  for (const kind of ['item', 'task', 'plain'] as const) {
    const head = heads[kind];
    if (head === null || rows[kind].length === 0) continue;
    const segment = {
      ...frame,
      items: Int32Array.from(rows[kind], (row) => frame.items[row]!),
      task: Int32Array.from(rows[kind], (row) => frame.task[row]!),
    };
    const predicted = await predictHead(head, segment, kernel);
    rows[kind].forEach((row, i) => (out[row] = predicted[i]!));
  }
  return agreeLevels(out, { task: frame.task, known: new Set(rows.item) });
}

/** A labelled checkpoint of the training set as a frame, seen with the history of `known` items up to `cut`. */
export function trainingFrame(
  set: TrainingSet,
  views: readonly StateView[] | null,
  at: {
    readonly checkpoint: number;
    readonly cut: number;
    readonly known: (item: number) => boolean;
    readonly items: Int32Array;
  },
): Frame {
  return {
    view: views?.[at.checkpoint] ?? null,
    columns: set.columns[at.checkpoint]!,
    history: historyOf(set, at.known),
    cut: at.cut,
    position: set.timeline.fitted[at.checkpoint]!,
    items: at.items,
    task: at.items.map((i) => set.task[i]!),
    isFitted: at.cut < 0 || at.cut >= at.checkpoint,
  };
}
