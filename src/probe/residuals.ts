import { foldOf } from './folds.ts';
import { fitHeads, type HeadSpecs, predictFrame, trainingFrame } from './heads.ts';
import { indices, ratesOf, type Validation } from './selection.ts';
import { trainableItems } from './training-set.ts';

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
  specs: HeadSpecs,
  components: readonly Float32Array[] | null,
): Promise<Residual[]> {
  const { set, seed } = validation;
  const fold = foldOf(set.items, FOLDS, seed + 1);
  const last = set.checkpoints.length - 1;
  const residuals: Residual[] = [];
  const rounds = last === 0 ? FOLDS : 1;
  for (let held = 0; held < rounds; held += 1) {
    const known = (i: number) => fold[i] !== held;
    const scope = `replay of fold ${held}`;
    const on = { components, checkpoints: indices(last + 1), known, tolerance: ROUGH, scope };
    const heads = await fitHeads(validation, { ...specs, task: null, item: null }, on);
    const left = trainableItems(set, (i) => !known(i));
    for (let checkpoint = Math.max(0, last - 3); checkpoint <= last; checkpoint += 1) {
      const frame = { checkpoint, cut: -1, known, horizon: 0, items: left };
      residuals.push(...taskResiduals(validation, { ...frame, heads, components }));
    }
  }
  for (let cut = Math.max(0, last - MAX_CUTS); cut < last; cut += 1) {
    const known = (i: number) => fold[i] !== 0;
    const scope = `replay of cut ${cut}`;
    const on = { components, checkpoints: indices(cut + 1), known, tolerance: ROUGH, scope };
    const heads = await fitHeads(validation, specs, on);
    const items = trainableItems(set, () => true);
    for (let checkpoint = cut + 1; checkpoint <= last; checkpoint += 1) {
      const horizon = set.timeline.fitted[checkpoint]! - set.timeline.fitted[cut]!;
      residuals.push(
        ...taskResiduals(validation, { heads, components, checkpoint, cut, known, horizon, items }),
      );
    }
  }
  return residuals;
}

function taskResiduals(
  { set }: Validation,
  at: Parameters<typeof trainingFrame>[2] & {
    heads: Parameters<typeof predictFrame>[0];
    components: readonly Float32Array[] | null;
    horizon: number;
  },
): Residual[] {
  const items = at.items.filter((i) => set.n[at.checkpoint * set.items.length + i]! > 0);
  const all = predictFrame(at.heads, trainingFrame(set, at.components, { ...at, items }));
  // Where labels are few a replayed fit may lack the head that an item would go to: nothing is predicted of it.
  const rows = items.filter((_, row) => !Number.isNaN(all[row]!));
  const predicted = all.filter((p) => !Number.isNaN(p));
  const rates = ratesOf(set, at.checkpoint, rows);
  return set.tasks.flatMap((task, t) => {
    const ofTask = (_: number, row: number) => set.task[rows[row]!] === t;
    const measured = rates.filter(ofTask);
    if (measured.length === 0) return [];
    const mean = average(predicted.filter(ofTask));
    return [{ task, horizon: at.horizon, predicted: mean, measured: average(measured) }];
  });
}

function average(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
