import { logOdds, sigmoid } from '../stats/index.ts';

/**
 * How much of a task's predicted level comes from its trend. A probe carried forward ranks the questions, but its level
 * lags behind an ability that grows; a straight line through the last three measured accuracies follows it and overshoots.
 * On the bundled series shares from a quarter to a half are about as good, and better than either alone (docs/probing.md).
 */
export const TREND_SHARE: number = 1 / 3;

/**
 * Predictions whose mean per task is drawn to the trend: in log odds, (1 − share) · probe + share · trend. All questions of
 * a task move by one shift of their log odds, so their order stays. Tasks without a trend (null, NaN) stay as they are.
 *
 * @param p (items) probabilities
 * @param trend (items) the accuracy that the task's trend gives, null where there is none
 * @param task (items) a number a task
 */
export function blendLevel(
  p: Float64Array,
  trend: Float64Array | null,
  { task, share }: { readonly task: Int32Array; readonly share: number },
): Float64Array {
  if (trend === null || share === 0) return p;
  const out = Float64Array.from(p);
  for (const ofTask of rowsByTask(task).values()) {
    const towards = trend[ofTask[0]!]!;
    if (!Number.isNaN(towards)) drawTo(out, ofTask, { towards, share });
  }
  return out;
}

/** How far questions without a history go to the level of their task's others: half, for they may be other questions. */
const KNOWN_SHARE = 1 / 2;

/**
 * Predictions whose questions without a history are drawn to the level of the same task's questions with one: that level
 * is better known, and where the questions without were left out at random it is theirs as well (docs/probing.md).
 *
 * @param p (items) probabilities, NaN where nothing is predicted
 * @param task (items) a number a task
 * @param known items that were predicted with their own history
 */
export function agreeLevels(
  p: Float64Array,
  { task, known }: { readonly task: Int32Array; readonly known: ReadonlySet<number> },
): Float64Array {
  if (known.size === 0) return p;
  const out = Float64Array.from(p);
  for (const ofTask of rowsByTask(task).values()) {
    const predicted = ofTask.filter((i) => !Number.isNaN(p[i]!));
    const withHistory = predicted.filter((i) => known.has(i));
    const others = predicted.filter((i) => !known.has(i));
    if (withHistory.length === 0 || others.length === 0) continue;
    drawTo(out, others, { towards: meanOf(p, withHistory), share: KNOWN_SHARE });
  }
  return out;
}

function rowsByTask(task: Int32Array): Map<number, number[]> {
  const rows = new Map<number, number[]>();
  task.forEach((t, i) => {
    const known = rows.get(t);
    if (known === undefined) rows.set(t, [i]);
    else known.push(i);
  });
  return rows;
}

function meanOf(p: Float64Array, rows: readonly number[]): number {
  return rows.reduce((sum, i) => sum + p[i]!, 0) / rows.length;
}

/** Moves some rows by one shift of their log odds, so that those of their mean go the share of the way. */
function drawTo(
  p: Float64Array,
  rows: readonly number[],
  { towards, share }: { towards: number; share: number },
): void {
  const z = Float64Array.from(rows, (i) => logOdds(p[i]!, 1e-6));
  const level = logOdds(meanOf(p, rows), EDGE);
  const shift = shiftTo(z, sigmoid((1 - share) * level + share * logOdds(towards, EDGE)));
  rows.forEach((i, row) => (p[i] = sigmoid(z[row]! + shift)));
}

/** Accuracies are drawn so far inside before their log odds are taken: as the trend does. */
const EDGE = 0.005;

/** The shift at which the mean of sigmoid(z + shift) is `target`: bisection, for the mean only ever grows with it. */
function shiftTo(z: Float64Array, target: number): number {
  let [low, high] = [-20, 20];
  for (let step = 0; step < 50; step += 1) {
    const middle = (low + high) / 2;
    let sum = 0;
    for (const value of z) sum += sigmoid(value + middle);
    if (sum / z.length < target) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
