import { architectureOf } from './architectures.ts';
import { breakOf } from './break-of.ts';
import {
  type CalibrationName,
  calibrationWithout,
  learnCalibration,
  type ProbeCalibration,
} from './calibration.ts';
import { referenceAt, signalValue } from './drift.ts';
import { type DriftReading, readDrift, uncentredComponents } from './drift-reading.ts';
import { DRIFT_SIGNALS, type DriftMove, FEWEST_FITTED } from './drift-rule.ts';
import { foldOf } from './folds.ts';
import type { Head } from './head.ts';
import { fitHeads, type Heads } from './heads.ts';
import {
  fitRepresentation,
  type Representation,
  type StateView,
  viewsOf,
} from './representation.ts';
import {
  predictReplayed,
  type ReplayedPrediction,
  type ReplayedResidual,
  taskResiduals,
} from './residuals.ts';
import { type Chosen, sourcesOf } from './search.ts';
import { indices, type Validation } from './selection.ts';
import { allIndices, trainableItems, type TrainingSet } from './training-set.ts';

/** Cuts that are replayed: the latest ones, whose errors resemble the coming ones most. */
const MAX_CUTS = 4;
const FOLDS = 3;
const ROUGH = 1e-4;

type Replayed = {
  readonly residuals: readonly ReplayedResidual[];
  readonly calibration: {
    /** For predictions of later checkpoints. */
    readonly later: ProbeCalibration | null;
    /** For predictions of the latest labelled checkpoint: learned before it. */
    readonly latest: ProbeCalibration | null;
  };
  /** What drift is told by; empty where too few checkpoints are labelled. */
  readonly moves: readonly DriftMove[];
};

type Choice = Pick<Chosen, 'specs' | 'views' | 'representation'>;

/**
 * Replays the past with the chosen settings. For each of the latest cuts: fitted on the states and outcomes of the
 * checkpoints up to it and on two of three folds of the questions, scored on every later labelled checkpoint (all
 * questions; those of the third fold without history). And on the same checkpoints for questions left out (horizon 0).
 * Every fit begins anew; but layers, pool and strengths are the chosen ones, chosen with the latest checkpoints in view.
 *
 * The calibration is learned from each cut's predictions of the next labelled checkpoint. The residuals are those of
 * calibrated predictions, each by a map that neither its cut nor its checkpoint had part in; of one cut alone there is no
 * such map, and its residuals are those of the predictions as they were.
 *
 * @param of.share of the trend
 * @param of.hidden width of a state
 */
export async function replayPast(
  validation: Validation,
  chosen: Choice,
  of: { readonly share: number; readonly hidden: number; readonly calibration: CalibrationName },
): Promise<Replayed> {
  const { set } = validation;
  const { share, hidden, calibration } = of;
  const last = set.checkpoints.length - 1;
  // At most 4 + 3 + 2 + 1 checkpoints ahead of their cuts: some numbers a question each.
  const replayed = await replayFolds(validation, chosen);
  const moves: DriftMove[] = [];
  for (let cut = Math.max(0, last - MAX_CUTS); cut < last; cut += 1) {
    const fit = await fitUpTo(validation, chosen, { cut, hidden });
    replayed.push(...(await predictLater(validation, fit)));
    if (cut > 0 && last + 1 >= FEWEST_FITTED) moves.push(...(await movesFrom(validation, fit)));
  }
  const pairs = replayed.filter((one) => one.isAhead && one.checkpoint === one.cut + 1);
  const learned = (of: { cut: number; checkpoint: number }) =>
    calibrationWithout(calibration, pairs, of);
  const residuals = replayed.flatMap((one) =>
    taskResiduals(set, one, { share, calibration: one.isAhead ? learned(one) : null }),
  );
  const latest = learned({ cut: last - 1, checkpoint: last });
  return {
    residuals,
    moves,
    calibration: { later: learnCalibration(calibration, pairs), latest },
  };
}

/** Questions left out, at the latest labelled checkpoints themselves. */
async function replayFolds(
  validation: Validation,
  { specs, views }: Choice,
): Promise<ReplayedPrediction[]> {
  const { set, seed } = validation;
  const fold = foldOf(set.items, FOLDS, seed + 1);
  const last = set.checkpoints.length - 1;
  const replayed: ReplayedPrediction[] = [];
  const rounds = last === 0 ? FOLDS : 1;
  for (let held = 0; held < rounds; held += 1) {
    const known = (i: number) => fold[i] !== held;
    const scope = `replay of fold ${held}`;
    const on = { views, checkpoints: indices(last + 1), known, tolerance: ROUGH, scope };
    const heads = await fitHeads(validation, { ...specs, task: null, item: null }, on);
    const items = trainableItems(set, (i) => !known(i));
    for (let checkpoint = Math.max(0, last + 1 - MAX_CUTS); checkpoint <= last; checkpoint += 1) {
      const at = { checkpoint, cut: -1, known, items, heads, views };
      const where = { horizon: 0, age: ageOf(set, checkpoint) };
      replayed.push(await predictReplayed(validation, { ...at, ...where }));
    }
  }
  return replayed;
}

/** A probe as it would have been fitted at an earlier checkpoint. */
type EarlierFit = {
  readonly cut: number;
  readonly known: (item: number) => boolean;
  readonly heads: Heads;
  /** The head without history as it is when nothing is cut short, for what its members say. */
  readonly plain: Head | null;
  readonly representation: Representation | null;
  readonly views: readonly StateView[] | null;
};

async function fitUpTo(
  validation: Validation,
  { specs, representation: chosen }: Choice,
  { cut, hidden }: { readonly cut: number; readonly hidden: number },
): Promise<EarlierFit> {
  const { set, kernel, seed } = validation;
  const sources = sourcesOf(set);
  const representation =
    chosen === null
      ? null
      : await fitRepresentation(sources.slice(0, cut + 1), chosen.options, { hidden, kernel });
  const views = representation === null ? null : await viewsOf(representation, sources, kernel);
  const fold = foldOf(set.items, FOLDS, seed + 1);
  const known = (i: number) => fold[i] !== 0;
  const on = { views, checkpoints: indices(cut + 1), known, scope: `replay of cut ${cut}` };
  const heads = await fitHeads(validation, specs, { ...on, tolerance: ROUGH });
  const isNetwork = specs.plain !== null && architectureOf(specs.plain.architecture).isNetwork;
  const plain = isNetwork
    ? (await fitHeads(validation, { ...specs, task: null, item: null }, on)).plain
    : heads.plain;
  return { cut, known, heads, plain, representation, views };
}

async function predictLater(
  validation: Validation,
  fit: EarlierFit,
): Promise<ReplayedPrediction[]> {
  const { set } = validation;
  const { fitted } = set.timeline;
  const items = trainableItems(set, () => true);
  const age = ageOf(set, fit.cut);
  const replayed: ReplayedPrediction[] = [];
  for (let checkpoint = fit.cut + 1; checkpoint < fitted.length; checkpoint += 1) {
    const horizon = fitted[checkpoint]! - fitted[fit.cut]!;
    replayed.push(await predictReplayed(validation, { ...fit, checkpoint, items, horizon, age }));
  }
  return replayed;
}

/** How every later labelled checkpoint moved from the cut, in all tasks. */
async function movesFrom(validation: Validation, fit: EarlierFit): Promise<DriftMove[]> {
  const { set } = validation;
  const { fitted } = set.timeline;
  if (fit.representation === null) return [];
  const { representation, views, plain, cut } = fit;
  const read = (checkpoint: number) =>
    readFitted(validation, { representation, views, head: plain }, checkpoint);
  const distance = fitted[cut]! - fitted[cut - 1]!;
  const from = referenceAt(await read(cut - 1), await read(cut), distance);
  const moves: DriftMove[] = [];
  for (let checkpoint = cut + 1; checkpoint < fitted.length; checkpoint += 1) {
    const where = { horizon: fitted[checkpoint]! - fitted[cut]!, age: ageOf(set, cut) };
    // Nothing is said per distance of checkpoints that stand at one place, and a change of stage is no usual move.
    const known = set.checkpoints.slice(0, cut + 1);
    if (where.horizon === 0 || breakOf(known, set.checkpoints[checkpoint]!) !== null) continue;
    const to = await read(checkpoint);
    for (const signal of DRIFT_SIGNALS) {
      for (let t = 0; t < set.tasks.length; t += 1) {
        const value = signalValue(signal, { from, to, t });
        if (value !== null) moves.push({ signal, value, ...where });
      }
    }
  }
  return moves;
}

/** A labelled checkpoint as drift reads it, all its questions: nothing of it is an outcome. */
export async function readFitted(
  { set, kernel }: Pick<Validation, 'set' | 'kernel'>,
  fit: {
    readonly representation: Representation;
    readonly views: readonly StateView[] | null;
    readonly head: Head | null;
  },
  checkpoint: number,
): Promise<DriftReading> {
  const view = fit.views?.[checkpoint] ?? null;
  const source = sourcesOf(set)[checkpoint]!;
  const segment = {
    view,
    columns: set.columns[checkpoint]!,
    history: null,
    cut: -1,
    position: set.timeline.fitted[checkpoint]!,
    items: allIndices(set.items.length),
    task: set.task,
  };
  const components = await uncentredComponents(fit.representation, { view, source }, kernel);
  return readDrift({ components, head: fit.head, segment, tasks: set.tasks.length }, kernel);
}

function ageOf({ timeline }: Pick<TrainingSet, 'timeline'>, checkpoint: number): number {
  return timeline.fitted.at(-1)! - timeline.fitted[checkpoint]!;
}
