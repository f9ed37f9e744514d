import type { Timeline } from './timeline.ts';

/** What is known of some items' outcomes at the fitted checkpoints. */
export type History = {
  /** Positions of the checkpoints on the timeline. */
  readonly positions: readonly number[];
  readonly items: number;
  /** (checkpoints, items) row-major: right answers, and answers (0 where unknown). */
  readonly k: Float64Array;
  readonly n: Float64Array;
  /** (checkpoints, tasks): mean rate of the task's labelled training items; NaN-free, carried forward over gaps. */
  readonly taskRate: Float64Array;
  readonly tasks: number;
};

/** `task`: what is known of the task alone. `item`: that, and the question's own rates. */
export type HistoryKind = 'none' | 'task' | 'item';

const TASK_COLUMNS = [
  'task logit',
  'task slope',
  'task rate',
  'gap',
  'gap · task logit',
  'gap · task slope',
];
const ITEM_COLUMNS = [
  ...TASK_COLUMNS,
  'latest logit',
  'mean logit of the last four',
  'slope of the last two',
  'latest rate',
  'highest rate',
  'log answers behind it',
  'gap · latest logit',
  'gap · latest rate',
  'gap · slope',
];

/** Names of the columns of a kind. */
export function historyColumns(kind: HistoryKind): readonly string[] {
  if (kind === 'none') return [];
  return kind === 'task' ? TASK_COLUMNS : ITEM_COLUMNS;
}

/** A gap below this many units of the timeline counts as this: a slope over nothing is noise. */
const SHORTEST_GAP = 0.1;

/** The last checkpoint up to `cut` at which the item has answers; −1 where it has none. */
export function latestLabelled(history: History, item: number, cut: number): number {
  for (let c = cut; c >= 0; c -= 1) if (history.n[c * history.items + item]! > 0) return c;
  return -1;
}

/**
 * Features of what was known up to checkpoint `cut` (inclusive) for scoring at `position`: (rows, columns). `items` are
 * rows of the history, `task` their tasks. For the kind `item` every item must have answers at or before the cut.
 */
export function historyFeatures(
  history: History,
  at: { readonly cut: number; readonly position: number; readonly kind: HistoryKind },
  rows: { readonly items: Int32Array; readonly task: Int32Array },
): Float32Array {
  const width = historyColumns(at.kind).length;
  const features = new Float32Array(rows.task.length * width);
  if (at.kind === 'none') return features;
  const byTask = new Map<number, number[]>();
  for (let row = 0; row < rows.task.length; row += 1) {
    const task = rows.task[row]!;
    const ofTask = byTask.get(task) ?? taskFeatures(history, { ...at, task });
    byTask.set(task, ofTask);
    features.set(ofTask, row * width);
    if (at.kind !== 'item') continue;
    const item = rows.items[row]!;
    features.set(
      itemFeatures(history, { cut: at.cut, position: at.position, task, item }),
      row * width + ofTask.length,
    );
  }
  return features;
}

function taskFeatures(
  history: History,
  { cut, position, task }: { cut: number; position: number; task: number },
): number[] {
  const rate = (c: number) => (task < 0 ? 0.5 : history.taskRate[c * history.tasks + task]!);
  const level = rateLogit(rate(cut));
  const before = Math.max(0, cut - 1);
  const slope = (level - rateLogit(rate(before))) / spacing(history, before, cut);
  const gap = position - history.positions[cut]!;
  return [level, slope, rate(cut), gap, gap * level, gap * slope];
}

function itemFeatures(
  history: History,
  { cut, position, task, item }: { cut: number; position: number; task: number; item: number },
): number[] {
  const logits: number[] = [];
  const at: number[] = [];
  let highest = 0;
  let answers = 0;
  for (let c = cut; c >= 0; c -= 1) {
    const n = history.n[c * history.items + item]!;
    if (n <= 0) continue;
    const k = history.k[c * history.items + item]!;
    highest = Math.max(highest, k / n);
    if (logits.length === 4) continue;
    answers += n;
    at.push(c);
    logits.push(shrunkLogit(k, n, history.taskRate[c * history.tasks + task]!));
  }
  const [latest] = at;
  if (latest === undefined) {
    throw new Error(`history: expected answers to item ${item} up to checkpoint ${cut}, got none`);
  }
  const level = logits[0]!;
  const slope = logits.length > 1 ? (level - logits[1]!) / spacing(history, at[1]!, latest) : 0;
  const mean = logits.reduce((sum, value) => sum + value, 0) / logits.length;
  const rate =
    history.k[latest * history.items + item]! / history.n[latest * history.items + item]!;
  const gap = position - history.positions[latest]!;
  const known = Math.log1p(answers);
  return [level, mean, slope, rate, highest, known, gap * level, gap * rate, gap * slope];
}

function spacing(history: History, from: number, to: number): number {
  return Math.max(SHORTEST_GAP, history.positions[to]! - history.positions[from]!);
}

/** Logit of k/n drawn towards the task's rate by two answers, and away from 0 and 1 by half a one. */
function shrunkLogit(k: number, n: number, taskRate: number): number {
  const p = (k + 2 * taskRate + 0.25) / (n + 2.5);
  return Math.log(p / (1 - p));
}

function rateLogit(rate: number): number {
  return Math.log((rate + 0.005) / (1.005 - rate));
}

/** Builds the table from k and n (checkpoints, items), with n = 0 for whatever must not be seen. */
export function createHistory(
  timeline: Timeline,
  outcomes: { readonly k: Float64Array; readonly n: Float64Array },
  tasks: { readonly task: Int32Array; readonly count: number },
): History {
  const items = tasks.task.length;
  const { k, n } = outcomes;
  const taskRate = new Float64Array(timeline.fitted.length * tasks.count);
  const carried = new Float64Array(tasks.count).fill(0.5);
  timeline.fitted.forEach((_, c) => {
    const sum = new Float64Array(tasks.count);
    const count = new Float64Array(tasks.count);
    for (let i = 0; i < items; i += 1) {
      const answers = n[c * items + i]!;
      const task = tasks.task[i]!;
      if (answers <= 0 || task < 0) continue;
      sum[task]! += k[c * items + i]! / answers;
      count[task]! += 1;
    }
    for (let t = 0; t < tasks.count; t += 1) {
      if (count[t]! > 0) carried[t] = sum[t]! / count[t]!;
      taskRate[c * tasks.count + t] = carried[t]!;
    }
  });
  return { positions: timeline.fitted, items, k, n, taskRate, tasks: tasks.count };
}
