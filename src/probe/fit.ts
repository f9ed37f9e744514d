import { fitErrorModel } from './accuracy-interval.ts';
import { lostOf, scoreLatest } from './card-scores.ts';
import type { ProbeItem, ProbeLayout } from './activations.ts';
import type { CellScores } from './cells.ts';
import { fitDrift } from './fit-drift.ts';
import { holdoutMask, repeatedItems } from './folds.ts';
import { type FitData, type FitOptions, type FitSettings, settingsOf } from './fit-settings.ts';
import { fitHeads, type Heads } from './heads.ts';
import { createKernel, type Kernel } from './kernel.ts';
import type { HeadCard, ProbeModel } from './probe-model.ts';
import { fitPromptBaseline } from './prompt-baseline.ts';
import { fitRandomWeights } from './random-weights.ts';
import { labellingSpreads } from './remeasure.ts';
import { replayPast } from './replay.ts';
import { chooseHistoryOnly, chooseProbe } from './search.ts';
import { indices, type SelectionRow, type Validation } from './selection.ts';
import { createTrainingSet, seenPart, trainableItems, type TrainingSet } from './training-set.ts';
import { applyTextComponents, fitTextComponents, type TextComponents } from './text-components.ts';
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
  const trainable = held.map((unseen) => !unseen);
  const text = settings.text ? await textOf(data.items, trainable, kernel) : null;
  const columns = text?.columns ?? null;
  const set = createTrainingSet(data.items, data.checkpoints, trainable, columns);
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
  const randomWeights = await fitRandomWeights(validation, data.random ?? null, chosen);
  progress('intervals');
  const { hidden } = data.layout;
  const { name, trendShare, calibration: method } = settings;
  const replayed = settings.complete
    ? await replayPast(validation, chosen, { share: trendShare, hidden, calibration: method })
    : { residuals: [], moves: [], calibration: { later: null, latest: null } };
  const { residuals, moves, calibration } = replayed;
  const isCalibrated = method === 'none' || !settings.complete || calibration.later !== null;
  const drift = await fitDrift(validation, chosen, { head: heads.plain, moves });
  progress('scores');
  const scores = settings.complete
    ? await scoreLatest(
        validation,
        data,
        {
          probe: chosen,
          historyOnly: history.specs,
          promptOnly,
          text: text?.components ?? null,
        },
        { name, trendShare, calibration: calibration.latest },
      )
    : null;
  const { ids, seenTasks, seenTexts, outcomes, answers } = seenPart(set);
  const table = [...chosen.table, ...history.table, ...prompt.table];
  const chosenScores = bestByStage(table);
  return {
    card: {
      name,
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
        seen: ids,
        unseen: data.items.filter((_, i) => held[i] === true).map((item) => item.id),
      },
      seenTasks,
      seenTexts,
      representation: chosen.representation?.options ?? null,
      heads: {
        ...headCards('', heads),
        ...headCards('historyOnly.', historyOnly),
        ...(randomWeights === null ? {} : headCards('random.', randomWeights.heads)),
      },
      selection: table,
      validation: chosenScores,
      scores,
      trendShare,
      calibration: calibration.later,
      promptTerms:
        promptOnly.terms === null
          ? null
          : { terms: promptOnly.terms.terms, factor: promptOnly.terms.factor },
      textTerms: text?.components.terms.terms ?? null,
      errorModel: fitErrorModel(residuals),
      residuals: residuals.map(({ task, horizon, predicted, measured }) => {
        return { task, horizon, predicted, measured };
      }),
      labelling: labellingSpreads(residuals, set.tasks),
      drift: drift?.rule ?? null,
      data: options.dataHashes ?? {},
      limits: [
        ...limitsOf(set, settings),
        ...exitLimits(data.layout),
        ...(isCalibrated ? [] : [NOT_CALIBRATED]),
        ...lostTo(chosenScores),
        ...lostOf(scores),
      ],
    },
    representation: chosen.representation,
    heads,
    outcomes,
    answers: settings.answer ? answers : null,
    text: text?.components ?? null,
    drift: drift?.reference ?? null,
    baselines: { historyOnly, promptOnly, randomWeights },
  };
}

const NOT_CALIBRATED =
  'Not calibrated: replays of the past predicted too few questions of a next labelled checkpoint (below 100), or ranked them the wrong way round.';

/** Components of the texts of the questions that may be learned from, for all of them. */
async function textOf(
  items: readonly ProbeItem[],
  trainable: readonly boolean[],
  kernel: Kernel,
): Promise<{ components: TextComponents; columns: Float32Array } | null> {
  const texts = items.map(({ text }) => text);
  const components = await fitTextComponents(
    texts.filter((_, i) => trainable[i] === true),
    kernel,
  );
  if (components === null) return null;
  return { components, columns: await applyTextComponents(components, texts, kernel) };
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

/** What a pass that ended early leaves unknown. */
function exitLimits({ exit = null, layers }: ProbeLayout): string[] {
  if (exit === null) return [];
  return [
    `Only the first ${exit} of ${layers - 1} blocks are run: no next-token probabilities, likelihoods or implied answers are read.`,
  ];
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
  const repeated = repeatedItems(set.items);
  if (repeated > 0) {
    limits.push(
      `${repeated} questions ask the same as another one under another id: such questions are kept on one side of every split.`,
    );
  }
  return limits;
}
