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
  const rows = new Map<number, number[]>();
  task.forEach((t, i) => {
    const known = rows.get(t);
    if (known === undefined) rows.set(t, [i]);
    else known.push(i);
  });
  const out = Float64Array.from(p);
  for (const ofTask of rows.values()) {
    const towards = trend[ofTask[0]!]!;
    if (Number.isNaN(towards)) continue;
    const z = Float64Array.from(ofTask, (i) => logit(p[i]!, 1e-6));
    const mean = ofTask.reduce((sum, i) => sum + p[i]!, 0) / ofTask.length;
    const target = sigmoid((1 - share) * logit(mean, EDGE) + share * logit(towards, EDGE));
    const shift = shiftTo(z, target);
    ofTask.forEach((i, row) => (out[i] = sigmoid(z[row]! + shift)));
  }
  return out;
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

function sigmoid(z: number): number {
  return 1 / (1 + Math.exp(-z));
}

function logit(p: number, edge: number): number {
  const inside = Math.min(Math.max(p, edge), 1 - edge);
  return Math.log(inside / (1 - inside));
}
