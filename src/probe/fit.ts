import { fitErrorModel } from './accuracy-interval.ts';
import { architectureOf } from './architectures.ts';
import type { CellScores } from './cells.ts';
import { createDriftReference, type DriftReference } from './drift.ts';
import { holdoutMask } from './folds.ts';
import type { HeadSpec } from './head.ts';
import { type FitData, type FitOptions, type FitSettings, settingsOf } from './fit-settings.ts';
import { fitHeads, type Heads, type HeadSpecs } from './heads.ts';
import { createKernel } from './kernel.ts';
import type { HeadCard, ProbeModel } from './probe-model.ts';
import { fitPromptBaseline } from './prompt-baseline.ts';
import {
  fitRepresentation,
  type Representation,
  viewOf,
  viewsOf,
  withoutCentring,
} from './representation.ts';
import { replayResiduals } from './residuals.ts';
import { type Chosen, chooseHistoryOnly, chooseProbe, sourcesOf } from './search.ts';
import { indices, type SelectionRow, type Validation } from './selection.ts';
import { createTrainingSet, trainableItems, type TrainingSet } from './training-set.ts';
import { hasTrend } from './trend.ts';

/**
 * Fits a probe: holds out questions, chooses representation and strengths on the latest labelled checkpoint, refits on
 * all of them, fits the baselines beside it and replays the past for the intervals. Equal inputs, seed and threads give
 * equal bits. Throws UserError for a checkpoint without outcomes, a holdout outside [0, 1), or layers that do not exist.
 */
export async function fitProbe(data: FitData, options: FitOptions): Promise<ProbeModel> {
  const settings = settingsOf(data, options);
  await using kernel = await createKernel(
    options.threads === undefined ? {} : { threads: options.threads },
  );
  const held = holdoutMask(data.items, settings.holdout, settings.seed);
  const set = createTrainingSet(
    data.items,
    data.checkpoints,
    held.map((unseen) => !unseen),
  );
  const validation: Validation = {
    set,
    kernel,
    seed: settings.seed,
    starts: new Map(),
  };
  const progress = options.onProgress ?? (() => undefined);
  const chosen = await chooseProbe(validation, data.layout, settings, progress);
  progress('fit');
  const all = {
    views: chosen.views,
    checkpoints: indices(set.checkpoints.length),
    known: () => true,
  };
  const heads = await fitHeads(validation, chosen.specs, all);
  progress('baselines');
  const history = await chooseHistoryOnly(validation);
  const historyOnly = await fitHeads(validation, history.specs, { ...all, views: null });
  const prompt = await fitPromptBaseline(
    set,
    trainableItems(set, () => true),
    { kernel, seed: settings.seed },
  );
  const promptOnly = prompt.baseline;
  const randomWeights = await fitRandom(validation, data, {
    representation: chosen.representation,
    specs: chosen.specs,
  });
  progress('intervals');
  const residuals = settings.complete
    ? await replayResiduals(validation, chosen, settings.trendShare)
    : [];
  const seen = trainableItems(set, () => true);
  const table = [...chosen.table, ...history.table, ...prompt.table];
  const chosenScores = bestByStage(table);
  return {
    card: {
      name: settings.name,
      architecture: settings.architecture,
      layout: data.layout,
      seed: settings.seed,
      holdout: settings.holdout,
      tasks: set.tasks,
      checkpoints: data.checkpoints.map(({ id, tokens, step, stage, rendering, fingerprint }) => ({
        id,
        tokens,
        step,
        stage,
        rendering,
        fingerprint: fingerprint ?? null,
      })),
      split: {
        seen: Array.from(seen, (i) => data.items[i]!.id),
        unseen: data.items.filter((_, i) => held[i] === true).map((item) => item.id),
      },
      seenTasks: Array.from(seen, (i) => set.task[i]!),
      representation: chosen.representation?.options ?? null,
      heads: {
        ...headCards('', heads),
        ...headCards('historyOnly.', historyOnly),
        ...(randomWeights === null ? {} : headCards('random.', randomWeights.heads)),
      },
      selection: table,
      validation: chosenScores,
      trendShare: settings.trendShare,
      promptTerms:
        promptOnly.terms === null
          ? null
          : { terms: promptOnly.terms.terms, factor: promptOnly.terms.factor },
      errorModel: fitErrorModel(residuals),
      residuals,
      data: options.dataHashes ?? {},
      limits: [...limitsOf(set, settings), ...lostTo(chosenScores)],
    },
    representation: chosen.representation,
    heads,
    outcomes: seenOutcomes(set, seen),
    drift: await driftReference(validation, chosen),
    baselines: { historyOnly, promptOnly, randomWeights },
  };
}

async function driftReference(
  { set, kernel }: Validation,
  { representation, views }: Pick<Chosen, 'representation' | 'views'>,
): Promise<DriftReference | null> {
  if (representation === null || views === null) return null;
  const uncentred = withoutCentring(representation);
  const uncentredViews =
    uncentred === representation ? views : await viewsOf(uncentred, sourcesOf(set), kernel);
  return createDriftReference(
    uncentredViews.map((view) => view.components),
    set.task,
    set.tasks.length,
  );
}

async function fitRandom(
  validation: Validation,
  data: FitData,
  chosen: { representation: Representation | null; specs: HeadSpecs },
): Promise<ProbeModel['baselines']['randomWeights']> {
  const { set, kernel } = validation;
  const random = data.random ?? null;
  if (random === null || chosen.representation === null) return null;
  const one = { checkpoint: 'random weights', activations: random, task: set.task };
  const source = { ...one, rows: trainableItems(set, () => true) };
  const { options } = chosen.representation;
  const at = { hidden: data.layout.hidden, kernel };
  const representation = await fitRepresentation([source], options, at);
  const view = await viewOf(representation, one, kernel);
  const output = random.output;
  const withOutput = (spec: HeadSpec | null): HeadSpec | null => {
    if (spec === null) return null;
    const { reads } = architectureOf(spec.architecture);
    // Nothing is run a second time for a control: without token states it is the linear probe.
    const architecture =
      reads === 'components' || view.grids.has(reads) ? spec.architecture : 'linear';
    return { ...spec, output: spec.output && output !== null, architecture };
  };
  const specs = {
    plain: withOutput(chosen.specs.plain),
    task: withOutput(chosen.specs.task),
    item: withOutput(chosen.specs.item),
  };
  const checkpoints = set.checkpoints.map((checkpoint) => ({ ...checkpoint, output }));
  const randomSet = createTrainingSet(set.items, checkpoints, set.trainable);
  const heads = await fitHeads({ ...validation, set: randomSet, starts: new Map() }, specs, {
    views: set.checkpoints.map(() => view),
    checkpoints: indices(set.checkpoints.length),
    known: () => true,
  });
  return { representation, heads };
}

function headCards(prefix: string, heads: Heads): Record<string, HeadCard> {
  const cards: Record<string, HeadCard> = {};
  for (const [name, head] of Object.entries(heads)) {
    if (head === null) continue;
    const { estimator, width, converged, iterations, stopReason } = head.fitted;
    cards[`${prefix}${name}`] = {
      spec: head.spec,
      estimator,
      width,
      converged,
      iterations,
      stopReason,
    };
  }
  return cards;
}

function bestByStage(table: readonly SelectionRow[]): Record<string, CellScores> {
  return Object.fromEntries(
    table
      .filter((row) => row.chosen)
      .map(({ stage, auroc, mse, levelError }) => [stage, { auroc, mse, levelError }]),
  );
}

/** Says so where the chosen probe lost to its baseline in validation. */
function lostTo(validation: Readonly<Record<string, CellScores>>): string[] {
  const { seen, historyOnly } = validation;
  if (seen?.mse == null || historyOnly?.mse == null) return [];
  const lost = [
    ...(seen.mse > historyOnly.mse ? ['mean squared error'] : []),
    ...((seen.auroc ?? 0.5) < (historyOnly.auroc ?? 0.5) ? ['AUROC'] : []),
  ];
  return lost.length === 0
    ? []
    : [`With history it lost to historyOnly in validation: ${lost.join(' and ')}.`];
}

function limitsOf(set: TrainingSet, settings: FitSettings): string[] {
  const limits = [
    'Probabilities hold for the sampling and grading that the outcomes were made with.',
  ];
  if (set.checkpoints.length === 1) {
    limits.push(
      'One labelled checkpoint: nothing is known of how the probe ages; history is not used.',
    );
  }
  const stages = new Set(set.checkpoints.map((checkpoint) => checkpoint.stage));
  limits.push(
    `Fitted on stage ${[...stages].map((s) => s ?? 'unknown').join(', ')} alone; other stages need new labels.`,
  );
  if (!hasTrend(set.timeline)) {
    limits.push(
      set.checkpoints.length < 3
        ? 'Fewer than three labelled checkpoints: no trend baseline.'
        : 'Tokens are not known of every checkpoint, or 0 of one of the last three: no trend baseline.',
    );
  }
  if (settings.holdout === 0)
    limits.push('No questions were held out: nothing is measured on unseen questions.');
  return limits;
}

function seenOutcomes(set: TrainingSet, seen: Int32Array): ProbeModel['outcomes'] {
  const pick = (values: Float64Array) =>
    Float64Array.from(
      set.checkpoints.flatMap((_, c) => Array.from(seen, (i) => values[c * set.items.length + i]!)),
    );
  return { k: pick(set.k), n: pick(set.n) };
}
