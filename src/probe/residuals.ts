import type { StateView } from './representation.ts';
import { foldOf } from './folds.ts';
import { fitHeads, type Frame, predictFrame, trainingFrame } from './heads.ts';
import { breakOf } from './break-of.ts';
import { blendLevel } from './level.ts';
import type { Chosen } from './search.ts';
import { indices, ratesOf, type Validation } from './selection.ts';
import { createTimeline } from './timeline.ts';
import { trainableItems, type TrainingSet } from './training-set.ts';
import { trendRates } from './trend.ts';

/** How far off a task's accuracy was, predicted for labelled questions by a fit that did not see their answers. */
export type Residual = {
  readonly task: string;
  /** Distance on the timeline from the last checkpoint that was learned from; 0 for the same one. */
  readonly horizon: number;
  readonly predicted: number;
  readonly measured: number;
};

/** Cuts that are replayed: the latest ones, whose errors resemble the coming ones most. */
const MAX_CUTS = 4;
const FOLDS = 3;
const ROUGH = 1e-4;

/**
 * Replays the past with the chosen settings. For each of the latest cuts: fitted on the checkpoints up to it and on two
 * of three folds of the questions, scored on every later labelled checkpoint (all questions; those of the third fold
 * without history). And on the same checkpoints for questions left out (horizon 0). Every fit begins anew; but the
 * representation and the strengths are the chosen ones, which were chosen with the latest checkpoints in view.
 */
export async function replayResiduals(
  validation: Validation,
  { specs, views }: Pick<Chosen, 'specs' | 'views'>,
  share: number,
): Promise<Residual[]> {
  const { set, seed } = validation;
  const fold = foldOf(set.items, FOLDS, seed + 1);
  const last = set.checkpoints.length - 1;
  const residuals: Residual[] = [];
  const rounds = last === 0 ? FOLDS : 1;
  for (let held = 0; held < rounds; held += 1) {
    const known = (i: number) => fold[i] !== held;
    const scope = `replay of fold ${held}`;
    const on = { views, checkpoints: indices(last + 1), known, tolerance: ROUGH, scope };
    const heads = await fitHeads(validation, { ...specs, task: null, item: null }, on);
    const left = trainableItems(set, (i) => !known(i));
    for (let checkpoint = Math.max(0, last - 3); checkpoint <= last; checkpoint += 1) {
      const frame = { checkpoint, cut: -1, known, horizon: 0, items: left, share: 0 };
      residuals.push(...(await taskResiduals(validation, { ...frame, heads, views })));
    }
  }
  for (let cut = Math.max(0, last - MAX_CUTS); cut < last; cut += 1) {
    const known = (i: number) => fold[i] !== 0;
    const scope = `replay of cut ${cut}`;
    const on = { views, checkpoints: indices(cut + 1), known, tolerance: ROUGH, scope };
    const heads = await fitHeads(validation, specs, on);
    const items = trainableItems(set, () => true);
    for (let checkpoint = cut + 1; checkpoint <= last; checkpoint += 1) {
      const horizon = set.timeline.fitted[checkpoint]! - set.timeline.fitted[cut]!;
      const at = { heads, views, checkpoint, cut, known, horizon, items, share };
      residuals.push(...(await taskResiduals(validation, at)));
    }
  }
  return residuals;
}

async function taskResiduals(
  { set, kernel }: Validation,
  at: Parameters<typeof trainingFrame>[2] & {
    heads: Parameters<typeof predictFrame>[0];
    views: readonly StateView[] | null;
    horizon: number;
    share: number;
  },
): Promise<Residual[]> {
  const items = at.items.filter((i) => set.n[at.checkpoint * set.items.length + i]! > 0);
  const frame = trainingFrame(set, at.views, { ...at, items });
  const ranked = await predictFrame(at.heads, frame, kernel);
  // Where labels are few a replayed fit may lack the head that an item would go to: nothing is predicted of it.
  const rows = items.filter((_, row) => !Number.isNaN(ranked[row]!));
  const task = rows.map((i) => set.task[i]!);
  const predicted = blendLevel(
    ranked.filter((p) => !Number.isNaN(p)),
    trendAt(set, frame, { ...at, task }),
    { task, share: at.share },
  );
  const rates = ratesOf(set, at.checkpoint, rows);
  return set.tasks.flatMap((task, t) => {
    const ofTask = (_: number, row: number) => set.task[rows[row]!] === t;
    const measured = rates.filter(ofTask);
    if (measured.length === 0) return [];
    const mean = average(predicted.filter(ofTask));
    return [{ task, horizon: at.horizon, predicted: mean, measured: average(measured) }];
  });
}

/** The trend as it was known at the cut. */
function trendAt(
  set: TrainingSet,
  { history }: Pick<Frame, 'history'>,
  { cut, checkpoint, task }: { cut: number; checkpoint: number; task: Int32Array },
): Float64Array | null {
  const known = set.checkpoints.slice(0, cut + 1);
  // As in scoring: no trend beyond a break.
  const isBroken = breakOf(known, set.checkpoints[checkpoint]!) !== null;
  if (history === null || cut < 0 || isBroken) return null;
  const timeline = createTimeline(known);
  return trendRates(history, timeline, { checkpoint: set.checkpoints[checkpoint]!, task });
}

function average(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
