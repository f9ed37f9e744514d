import { reliability } from '../estimate/index.ts';
import { evaluateScored, summariseEvaluation } from './evaluate.ts';
import type { FitData } from './fit-settings.ts';
import { foldOf } from './folds.ts';
import { fitHeads, type HeadSpecs } from './heads.ts';
import { BASELINES, type CardScores, type ProbeCard } from './probe-model.ts';
import { type PromptBaseline, refitPromptBaseline } from './prompt-baseline.ts';
import { fitRandomWeights } from './random-weights.ts';
import { type ScoringModel, scoreCheckpoint } from './scored-checkpoint.ts';
import type { Chosen } from './search.ts';
import { indices, type Validation } from './selection.ts';
import type { TextComponents } from './text-components.ts';
import { createTrainingSet, seenPart, type TrainingSet, trainableItems } from './training-set.ts';

const FOLDS = 3;
/** Tolerance of the refit: scores do not show more. */
const ROUGH = 1e-4;

/** What was chosen, for the probe and for its baselines. */
type ChosenAll = {
  readonly probe: Pick<Chosen, 'representation' | 'views' | 'specs'>;
  readonly historyOnly: HeadSpecs;
  readonly promptOnly: PromptBaseline;
  readonly text: TextComponents | null;
};

/** What the card of the earlier fit has of the probe's own; the calibration is one that did not see the latest checkpoint. */
type PastCard = Pick<ProbeCard, 'name' | 'trendShare' | 'calibration'>;

/**
 * What the chosen probe would have scored one checkpoint ago: it and its baselines are fitted once more on the labelled
 * checkpoints before the latest and on two of three folds of the questions, and predict the latest one, as `predict` and
 * `evaluate` would. `seen` are the questions of the two folds, `unseen` those of the third. With one labelled checkpoint
 * the third fold is predicted at that checkpoint. Layers and strengths are the chosen ones, which were chosen with the
 * latest checkpoint in view. Null where too few labels are left to learn from or to compare with.
 */
export async function scoreLatest(
  validation: Validation,
  data: Pick<FitData, 'layout' | 'random'>,
  chosen: ChosenAll,
  card: PastCard,
): Promise<CardScores | null> {
  const { set, kernel } = validation;
  const latest = set.checkpoints.length - 1;
  const past = pastOf(validation);
  if (past === null) return null;
  const model = await fitPast(validation, past, { data, chosen, card });
  if (model === null) return null;
  const checkpoint = set.checkpoints[latest]!;
  const from = latest * set.items.length;
  const outcomes = { k: set.k.slice(from), n: set.n.slice(from) };
  const { items } = set;
  const input = { items, checkpoint, layout: data.layout, random: data.random ?? null, outcomes };
  const scored = await scoreCheckpoint(model, input, kernel);
  const rows = evaluateScored(input, scored);
  const { seen, unseen } = summariseEvaluation(rows);
  return {
    checkpoint: checkpoint.id,
    learnedUpTo: past.set.checkpoints.at(-1)!.id,
    rows: rows.flatMap((row) => {
      const { task, split, items: count, baselines } = row;
      if (split === 'all') return [];
      const { auroc, oracleAuroc, skill, mse, brier, levelError } = row;
      const scores = { auroc, oracleAuroc, skill, mse, brier, levelError };
      return [{ task, split, items: count, ...scores, baselines }];
    }),
    summary: { seen, unseen },
    calibration: calibrationOf(
      trainableItems(set, (i) => !scored.seen[i]! && outcomes.n[i]! > 0),
      { ...outcomes, p: scored.p },
    ),
  };
}

/** Where a baseline did better than the probe: a line for each split that has such. */
export function lostOf(scores: CardScores | null): string[] {
  if (scores === null) return [];
  return (['unseen', 'seen'] as const).flatMap((split) => {
    const own = scores.summary[split];
    if (own === null) return [];
    const lost = BASELINES.flatMap((name) => {
      const other = own.baselines[name];
      return [
        ...(isMore(other.auroc, own.auroc) ? [`${name} ranks better`] : []),
        ...(isMore(own.mse, other.mse) ? [`${name} has a lower MSE`] : []),
        ...(isMore(own.levelError, other.levelError) ? [`${name} has a lower level error`] : []),
      ];
    });
    return lost.length === 0
      ? []
      : [`Lost at ${scores.checkpoint} on ${split} questions: ${lost.join(', ')}.`];
  });
}

function isMore(a: number | null, b: number | null): boolean {
  return a !== null && b !== null && a > b;
}

type Past = {
  readonly set: TrainingSet;
  /** Places of its checkpoints among all. */
  readonly places: readonly number[];
};

/** The labelled checkpoints before the latest (the only one, where it is), with the third fold's questions held out. */
function pastOf({ set, seed }: Validation): Past | null {
  const latest = set.checkpoints.length - 1;
  // Neither the folds that settings were chosen on, nor those behind the intervals.
  const fold = foldOf(set.items, FOLDS, seed + 2);
  const trainable = set.trainable.map((may, i) => may && fold[i] !== 0);
  const isLabelled = (checkpoint: number, item: number) =>
    set.n[checkpoint * set.items.length + item]! > 0;
  const places = indices(Math.max(1, latest)).filter((c) =>
    trainable.some((may, i) => may && isLabelled(c, i)),
  );
  const left = trainableItems(set, (i) => fold[i] === 0 && isLabelled(latest, i));
  if (places.length === 0 || left.length === 0) return null;
  const checkpoints = places.map((c) => set.checkpoints[c]!);
  const { text } = set.columns[0]!;
  return { set: createTrainingSet(set.items, checkpoints, trainable, text), places };
}

async function fitPast(
  validation: Validation,
  { set, places }: Past,
  {
    data,
    chosen: { probe, historyOnly, promptOnly, text },
    card,
  }: {
    data: Pick<FitData, 'layout' | 'random'>;
    chosen: ChosenAll;
    card: PastCard;
  },
): Promise<ScoringModel | null> {
  const { kernel } = validation;
  // No fit may begin from one that saw the latest checkpoint.
  const past = { ...validation, set, starts: new Map() };
  const views = probe.views === null ? null : places.map((c) => probe.views![c]!);
  const on = { checkpoints: indices(places.length), known: () => true, tolerance: ROUGH };
  const heads = await fitHeads(past, probe.specs, { ...on, views });
  if (heads.plain === null) return null;
  const { ids, outcomes, answers, ...seen } = seenPart(set);
  const rows = trainableItems(set, () => true);
  return {
    card: {
      ...card,
      ...seen,
      layout: data.layout,
      tasks: set.tasks,
      checkpoints: set.checkpoints,
      split: { seen: ids },
    },
    representation: probe.representation,
    heads,
    outcomes,
    answers,
    text,
    baselines: {
      historyOnly: await fitHeads(past, historyOnly, { ...on, views: null }),
      promptOnly: await refitPromptBaseline(set, rows, promptOnly, { kernel, tolerance: ROUGH }),
      randomWeights: await fitRandomWeights(past, data.random ?? null, probe, ROUGH),
    },
  };
}

function calibrationOf(
  items: Int32Array,
  { p, k, n }: { p: Float64Array; k: Float64Array; n: Float64Array },
): CardScores['calibration'] {
  if (items.length < 2) return null;
  const { slope, intercept, debiasedError } = reliability(
    Float64Array.from(items, (i) => p[i]!),
    Float64Array.from(items, (i) => k[i]! / n[i]!),
  );
  return { questions: items.length, slope, intercept, debiasedError };
}
